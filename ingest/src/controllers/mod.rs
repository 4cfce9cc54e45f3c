//! One folder for each noun, one file for each verb. Handlers only tell the story.

pub(crate) mod bugs;
pub(crate) mod health;
pub(crate) mod integrations;
pub(crate) mod openapi;
pub(crate) mod sdk;
pub(crate) mod segments;
