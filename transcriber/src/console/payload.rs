//! Console payloads, which an SDK or a test tool uploads beside the recording.

use playhead_schemas::timeline::DefectCode;

use super::args::{self, Arg};
use super::{ConsoleSource, LINES_MAX, Place, RawConsole, SourceLine, inner, is_uncaught};
use crate::lenient::{self, Element, Next, Value, as_number, as_text, count, epoch_ms, field, first, text};

/// Reads the lines of a `console` payload: an array, `{"entries":[..]}`, or JSON Lines, of
/// [`ConsoleEntry`](playhead_schemas::upload::ConsoleEntry) and similar entries: `level`, `type` or `method`;
/// `message`, `text` or `args`; times and numbers also as strings.
///
/// An entry that can't be read is left out with a defect.
pub(crate) fn from_payload(json: &mut [u8], defects: &mut impl FnMut(DefectCode, &str)) -> Vec<RawConsole> {
    let mut out = Vec::new();
    lenient::elements(
        json,
        &["log", "data", "console"],
        &["entries", "logs", "messages", "console"],
        defects,
        |entry, defects| {
            let Element::Tape(entry) = entry else { return Next::Parse };
            if out.len() == LINES_MAX {
                defects(DefectCode::LimitReached, "more than 100,000 console lines in one payload");
                return Next::Stop;
            }
            match from_entry(entry) {
                Ok(line) => out.push(line),
                Err((code, what)) => defects(code, what),
            }
            Next::GoOn
        },
    );
    out
}

fn from_entry(entry: Value<'_, '_>) -> Result<RawConsole, (DefectCode, &'static str)> {
    entry.as_object().ok_or((DefectCode::BadEvent, "a console entry that is no object"))?;
    let at_ms = first(entry, &["timestamp", "time", "ts", "t", "at", "date"])
        .and_then(epoch_ms)
        .ok_or((DefectCode::BadTimestamp, "a console entry without a usable timestamp"))?;
    let error = first(entry, &["error", "exception", "reason"]);
    let message = first(entry, &["message", "text", "msg"])
        .map(|message| args::join(&[Arg::of_value(message)]))
        .or_else(|| {
            let list = first(entry, &["args", "arguments", "payload", "parameters"])?.as_array()?;
            Some(args::join(&list.iter().map(Arg::of_value).collect::<Vec<_>>()))
        })
        .or_else(|| error.map(|error| args::join(&[Arg::of_value(error)])))
        .unwrap_or_default();
    let mut inner = error.map(inner::of_value).unwrap_or_default();
    inner.extend(inner::of_value(entry));
    if let Some(args) = first(entry, &["args", "arguments", "payload", "parameters"]).and_then(|args| args.as_array()) {
        inner.extend(args.iter().flat_map(inner::of_value));
    }
    let stack = stack(entry).or_else(|| error.and_then(stack));
    if message.trim().is_empty() && stack.is_none() {
        return Err((DefectCode::BadField, "a console entry without a message"));
    }
    let method = ["level", "method", "type", "severity"].iter().find_map(|key| text(entry, key)).unwrap_or("log");
    let line = SourceLine {
        at_ms,
        method,
        is_exception: is_exception(entry, method, &message),
        text: &message,
        stack,
        place: place(entry),
        source: ConsoleSource::Payload,
        inner,
        assertion: None,
    };
    Ok(line.into_raw())
}

fn is_exception(entry: Value<'_, '_>, method: &str, message: &str) -> bool {
    const KINDS: &[&str] =
        &["exception", "pageerror", "uncaught", "unhandledrejection", "unhandled_rejection", "uncaught_error"];
    let told = ["kind", "type", "level"].iter().filter_map(|key| text(entry, key));
    told.into_iter().any(|kind| KINDS.iter().any(|known| kind.eq_ignore_ascii_case(known)))
        || (matches!(method, "error" | "fatal") && is_uncaught(message))
}

/// A stack as text, as lines, or as the frames of the devtools protocol.
fn stack(holder: Value<'_, '_>) -> Option<String> {
    const FRAMES_READ_MAX: usize = 100;
    let stack = first(holder, &["stack", "stackTrace", "trace", "stacktrace"])?;
    if let Some(text) = as_text(stack) {
        return (!text.trim().is_empty()).then(|| text.to_owned());
    }
    let frames = stack.as_array().or_else(|| first(stack, &["callFrames", "frames"])?.as_array())?;
    let frames: Vec<String> = frames.iter().take(FRAMES_READ_MAX).filter_map(frame).collect();
    (!frames.is_empty()).then(|| frames.join("\n"))
}

fn frame(frame: Value<'_, '_>) -> Option<String> {
    if let Some(text) = as_text(frame) {
        let text = text.trim();
        let is_written = text.starts_with("at ") || text.contains('@');
        return Some(if is_written { text.to_owned() } else { format!("at {text}") });
    }
    let url = ["url", "fileName", "filename", "file"].iter().find_map(|key| text(frame, key)).unwrap_or("<anonymous>");
    let name = ["functionName", "function", "methodName"].iter().find_map(|key| text(frame, key)).unwrap_or_default();
    let place = place(frame);
    let at = format!("{url}:{}:{}", place.line.unwrap_or(0), place.column.unwrap_or(0));
    Some(if name.is_empty() { format!("at {at}") } else { format!("at {name} ({at})") })
}

fn place(holder: Value<'_, '_>) -> Place {
    let within = field(holder, "location").unwrap_or(holder);
    let number = |keys: &[&str]| {
        let number = first(within, keys).and_then(as_number).and_then(count)?;
        u32::try_from(number).ok()
    };
    Place {
        url: ["url", "source", "filename"].iter().find_map(|key| text(within, key)).map(str::to_owned),
        line: number(&["line", "lineNumber", "lineno"]),
        column: number(&["column", "columnNumber", "colno"]),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use playhead_schemas::timeline::Level;

    use super::*;

    fn read(json: &str) -> (Vec<RawConsole>, Vec<DefectCode>) {
        let mut codes = Vec::new();
        let out = from_payload(&mut json.as_bytes().to_vec(), &mut |code, _| codes.push(code));
        (out, codes)
    }

    #[test]
    fn entries_are_read() {
        let (out, codes) = read(
            r#"{"entries":[
            {"timestamp":1795190442909,"level":"error","kind":"exception","message":"TypeError: x","url":"https://a.test/a.js?token=x","line":4,"column":9,
             "stack":"TypeError: x\n    at f (https://a.test/a.js:4:9)"},
            {"time":"2026-11-20T16:00:42.909Z","type":"warning","args":["%s of %d",["a"],2,{"password":"p"}]},
            {"timestamp":"1795190442.909","method":"log","text":"m","location":{"url":"https://a.test/","lineNumber":"7"}},
            {"timestamp":1795190442909,"level":"error","text":"Uncaught Error: y","stackTrace":{"callFrames":[{"functionName":"g","url":"https://a.test/b.js","lineNumber":1,"columnNumber":2}]}},
            {"timestamp":1795190442909,"type":"unhandledrejection","reason":{"name":"Error","message":"z","stack":"Error: z\n    at h (https://a.test/c.js:1:2)"}}]}"#,
        );
        assert_eq!((out.len(), codes), (5, vec![]));
        let (error, warning, log, uncaught, rejection) = (&out[0], &out[1], &out[2], &out[3], &out[4]);
        assert!(error.is_exception && error.message == "TypeError: x");
        assert_eq!(error.stack.as_deref(), Some("at f (https://a.test/a.js:4:9)"));
        assert_eq!(
            (error.url.as_deref(), error.line, error.column),
            (Some("https://a.test/a.js?token=[redacted]"), Some(4), Some(9))
        );
        assert_eq!(
            (warning.message.as_str(), warning.level, warning.at_ms),
            (r#"["a"] of 2 {"password":"[redacted]"}"#, Level::Warn, 1_795_190_442_909.0)
        );
        assert_eq!((log.at_ms, log.line, log.level), (1_795_190_442_909.0, Some(7), Level::Log));
        assert_eq!((uncaught.is_exception, uncaught.stack.as_deref()), (true, Some("at g (https://a.test/b.js:1:2)")));
        assert_eq!(
            (rejection.is_exception, rejection.level, rejection.message.as_str()),
            (true, Level::Error, "Error: z")
        );
        assert_eq!(rejection.stack.as_deref(), Some("at h (https://a.test/c.js:1:2)"));
    }

    #[test]
    fn lines_of_json_are_read() {
        let line = r#"{"timestamp":1795190442909,"level":"info","message":"m"}"#;
        let (out, codes) = read(&format!("{line}\n{line}\nnonsense\n{line}\n"));
        assert_eq!((out.len(), codes), (3, vec![DefectCode::BadJson]));
    }

    #[test]
    fn bad_entries_cost_themselves() {
        let (out, codes) = read(
            r#"[{"timestamp":1795190442909,"message":"m"},{"message":"m"},{"timestamp":1795190442909},7,{"timestamp":1795190442909,"message":"  "}]"#,
        );
        use DefectCode::*;
        assert_eq!((out.len(), codes), (1, vec![BadTimestamp, BadField, BadEvent, BadField]));
    }
}
