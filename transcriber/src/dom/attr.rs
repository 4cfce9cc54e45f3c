//! The attributes that some rule reads. All others are skipped.

use super::name_table::NameTable;

macro_rules! attributes {
    ($($variant:ident => $text:literal),+ $(,)?) => {
        /// The name of a kept attribute.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum AttrName { $($variant),+ }

        impl AttrName {
            /// The name as HTML writes it.
            pub(crate) fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            const ALL: &[(&'static str, Self)] = &[$(($text, Self::$variant)),+];
        }
    };
}

attributes! {
    Id => "id", Class => "class", Name => "name", Type => "type", Role => "role", Href => "href",
    Alt => "alt", Title => "title", Placeholder => "placeholder", Value => "value", For => "for",
    Checked => "checked", Selected => "selected", Disabled => "disabled", Hidden => "hidden",
    Open => "open", Label => "label", Lang => "lang", Target => "target", Download => "download",
    ContentEditable => "contenteditable", TabIndex => "tabindex", Multiple => "multiple", Size => "size",
    ReadOnly => "readonly", Required => "required", Action => "action", Scope => "scope", OnClick => "onclick",
    Draggable => "draggable", Popover => "popover", Summary => "summary", Autocomplete => "autocomplete",
    PopoverTarget => "popovertarget", CommandFor => "commandfor", Slot => "slot",
    AriaLabel => "aria-label", AriaLabelledBy => "aria-labelledby", AriaDescribedBy => "aria-describedby",
    AriaHidden => "aria-hidden", AriaInvalid => "aria-invalid", AriaDisabled => "aria-disabled",
    AriaBusy => "aria-busy", AriaExpanded => "aria-expanded", AriaSelected => "aria-selected",
    AriaChecked => "aria-checked", AriaPressed => "aria-pressed", AriaCurrent => "aria-current",
    AriaLive => "aria-live", AriaModal => "aria-modal", AriaErrorMessage => "aria-errormessage",
    AriaHasPopup => "aria-haspopup", AriaControls => "aria-controls", AriaLevel => "aria-level",
    AriaPlaceholder => "aria-placeholder", AriaRoleDescription => "aria-roledescription",
    AriaValueNow => "aria-valuenow", AriaValueText => "aria-valuetext", AriaOwns => "aria-owns",
    AriaMultiline => "aria-multiline", AriaRowIndex => "aria-rowindex",
    DataTestId => "data-testid", DataTestIdDash => "data-test-id", DataTest => "data-test", DataCy => "data-cy",
    DataQa => "data-qa", DataE2e => "data-e2e", DataHook => "data-hook", DataTid => "data-tid",
    DataAutomationId => "data-automation-id", DataPw => "data-pw",
    DataComponent => "data-component", DataSentryComponent => "data-sentry-component",
    DataReactComponent => "data-react-component", NgReflectName => "ng-reflect-name",
    DataComponentName => "data-component-name", DataReactClass => "data-react-class",
    NgController => "ng-controller", DataController => "data-controller",
    DataSentrySourceFile => "data-sentry-source-file", DataInspPath => "data-insp-path",
    DataInspectorPath => "data-inspector-relative-path", DataVInspector => "data-v-inspector",
    DataLocatorJs => "data-locatorjs", DataAstroSourceFile => "data-astro-source-file",
    DataPlaceholder => "data-placeholder", DataTooltip => "data-tooltip", DataTitle => "data-title",
    DataOriginalTitle => "data-original-title", DataCommand => "data-command", DataId => "data-id",
    DataToggle => "data-toggle", DataBsToggle => "data-bs-toggle",
    RrWidth => "rr_width", RrHeight => "rr_height", RrSrc => "rr_src", RrOpenMode => "rr_open_mode",
    Pattern => "pattern", Min => "min", Max => "max", MinLength => "minlength", MaxLength => "maxlength",
    Step => "step", DataAction => "data-action",
    Src => "src", Style => "style",
}

static NAMES: NameTable<{ AttrName::ALL.len() }> = NameTable::new(names());

const fn names() -> [&'static str; AttrName::ALL.len()] {
    let mut names = [""; AttrName::ALL.len()];
    let mut i = 0;
    while i < names.len() {
        names[i] = AttrName::ALL[i].0;
        i += 1;
    }
    names
}

impl AttrName {
    /// The kept attribute of that name.
    #[inline]
    pub(crate) fn of(name: &[u8]) -> Option<Self> {
        NAMES.find(name).map(|place| Self::ALL[place].1)
    }

    /// Every kept attribute.
    pub(crate) fn every() -> impl Iterator<Item = Self> {
        Self::ALL.iter().map(|(_, attr)| *attr)
    }

    /// True for an attribute by whose value elements are searched.
    #[inline]
    pub(crate) fn is_searched(self) -> bool {
        use AttrName::*;
        matches!(
            self,
            Id | Name
                | AriaLabel
                | Placeholder
                | Title
                | Alt
                | For
                | Href
                | DataTestId
                | DataTestIdDash
                | DataTest
                | DataCy
                | DataQa
                | DataE2e
                | DataHook
                | DataTid
                | DataAutomationId
                | DataPw
        )
    }

    /// A bit of a filter, which few other names share.
    #[inline]
    pub(crate) fn bit(self) -> u64 {
        1 << (self as u8 % 64)
    }

    /// Attributes that teams set for tests to find an element.
    pub(crate) const TEST_IDS: [Self; 10] = [
        Self::DataTestId,
        Self::DataTestIdDash,
        Self::DataTest,
        Self::DataCy,
        Self::DataQa,
        Self::DataE2e,
        Self::DataHook,
        Self::DataTid,
        Self::DataAutomationId,
        Self::DataPw,
    ];

    /// Attributes that name the framework component of an element.
    pub(crate) const COMPONENTS: [Self; 8] = [
        Self::DataComponent,
        Self::DataSentryComponent,
        Self::DataReactComponent,
        Self::DataComponentName,
        Self::DataReactClass,
        Self::NgReflectName,
        Self::NgController,
        Self::DataController,
    ];

    /// Attributes in which development builds name the source file of an element.
    pub(crate) const SOURCES: [Self; 6] = [
        Self::DataSentrySourceFile,
        Self::DataInspectorPath,
        Self::DataInspPath,
        Self::DataVInspector,
        Self::DataLocatorJs,
        Self::DataAstroSourceFile,
    ];

    /// The most bytes of a value that are kept.
    pub(crate) fn bytes_max(self) -> usize {
        match self {
            Self::Class => 512,
            Self::Style => 0,
            Self::Href | Self::Src => 1024,
            _ => 2048,
        }
    }
}
