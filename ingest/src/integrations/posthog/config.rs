//! What posthog-js asks for before it records.

use serde_json::{Value, json};

/// The configuration, in the form of every version: the remote config, the answer of `/flags/`, that of `/decide/`.
///
/// The endpoints are those that the recorder leaves out of its recordings; with others it would record its own uploads.
pub(crate) fn config(token: &str) -> Value {
    json!({
        "token": token,
        "supportedCompression": ["gzip-js"],
        "hasFeatureFlags": false,
        "featureFlags": {},
        "featureFlagPayloads": {},
        "flags": {},
        "errorsWhileComputingFlags": false,
        "sessionRecording": {
            "endpoint": "/s/",
            "consoleLogRecordingEnabled": true,
            // Method and status of requests come with the headers. Bodies are recorded when the page asks for them.
            "networkPayloadCapture": { "recordHeaders": true, "recordBody": false },
        },
        "capturePerformance": { "network_timing": true, "web_vitals": false },
        "autocaptureExceptions": true,
        "analytics": { "endpoint": "/i/v0/e/" },
        // Nobody reads these here.
        "autocapture_opt_out": true,
        "captureDeadClicks": false,
        "heatmaps": false,
        "surveys": false,
        "siteApps": [],
        "toolbarParams": {},
        "isAuthenticated": false,
        "defaultIdentifiedOnly": true,
        "elementsChainAsString": true,
    })
}

/// The same as a script.
pub(crate) fn script(token: &str) -> String {
    let config = json!({ "config": config(token), "siteApps": [] });
    // The token is a JSON string in a script: nothing in it may end the script.
    let name = Value::from(token).to_string().replace('<', "\\u003c");
    let config = config.to_string().replace('<', "\\u003c");
    format!(
        "(function(){{var all=window._POSTHOG_REMOTE_CONFIG=window._POSTHOG_REMOTE_CONFIG||{{}};all[{name}]={config};}})();\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_stays_a_string() {
        let script = script("</script>\"];alert(1);//");
        assert!(!script.contains("</"), "{script}");
        assert!(script.contains("\\\"];alert(1)"), "{script}");
    }
}
