//! Lines of JSON-RPC: read one message each, bounded; those that are no message are answered here.

use std::io;

use serde_json::{Value, json};
use tokio::io::{
    AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader, DuplexStream,
};
use tokio::sync::Mutex;

/// One message, in bytes.
const LINE_BYTES_MAX: usize = 16 << 20;
/// Bytes on the way between the lines and a server in this process.
const PIPE_BYTES: usize = 64 << 10;

/// JSON-RPC: the line is not JSON.
const PARSE_ERROR: i32 = -32700;
/// JSON-RPC: the line is JSON and no message.
const INVALID_REQUEST: i32 = -32600;
/// JSON-RPC: the parameters are not what the method takes; those of MCP are objects.
const INVALID_PARAMS: i32 = -32602;

/// A message as it came, and as JSON.
pub(super) struct Message {
    pub(super) line: Vec<u8>,
    pub(super) value: Value,
}

/// Reads messages.
pub(super) struct Lines<R> {
    input: BufReader<R>,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input: BufReader::new(input) }
    }

    /// The next message, or the answer to a line that is none; `None` when the input has ended.
    pub(super) async fn next(&mut self) -> io::Result<Option<Result<Message, Vec<u8>>>> {
        loop {
            let Some(line) = next_line(&mut self.input, LINE_BYTES_MAX).await? else { return Ok(None) };
            match line {
                Ok(line) if line.trim_ascii().is_empty() => {}
                Ok(line) => return Ok(Some(message(line))),
                Err(TooLong) => {
                    let message = format!("the message has more than {LINE_BYTES_MAX} bytes");
                    return Ok(Some(Err(error_line(&Value::Null, PARSE_ERROR, &message))));
                }
            }
        }
    }
}

/// A line that was skipped.
#[derive(Debug, PartialEq)]
struct TooLong;

/// The next line without its end. One of more than `bytes_max` is skipped as it comes, and never held whole.
async fn next_line(
    input: &mut (impl AsyncBufRead + Unpin),
    bytes_max: usize,
) -> io::Result<Option<Result<Vec<u8>, TooLong>>> {
    let mut line = Vec::new();
    let room = u64::try_from(bytes_max).unwrap_or(u64::MAX).saturating_add(1);
    if (&mut *input).take(room).read_until(b'\n', &mut line).await? == 0 {
        return Ok(None);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
    } else if line.len() > bytes_max {
        while !skip_to_end(input).await? {}
        return Ok(Some(Err(TooLong)));
    }
    Ok(Some(Ok(line)))
}

/// Skips what is buffered of a line; true when that was the rest of it.
async fn skip_to_end(input: &mut (impl AsyncBufRead + Unpin)) -> io::Result<bool> {
    let buffered = input.fill_buf().await?;
    let end = buffered.iter().position(|byte| *byte == b'\n');
    let (skipped, is_end) = (end.map_or(buffered.len(), |at| at + 1), end.is_some() || buffered.is_empty());
    input.consume(skipped);
    Ok(is_end)
}

fn message(line: Vec<u8>) -> Result<Message, Vec<u8>> {
    let Ok(value) = serde_json::from_slice::<Value>(&line) else {
        return Err(error_line(&Value::Null, PARSE_ERROR, "the line is not JSON"));
    };
    let has_odd_params = value.get("params").is_some_and(|params| !params.is_object());
    if let (Some(id), true, true) = (value.get("id"), value.get("method").is_some_and(Value::is_string), has_odd_params)
    {
        return Err(error_line(id, INVALID_PARAMS, "Invalid params: params must be an object."));
    }
    let is_answer = value.get("id").is_some() && (value.get("result").is_some() || value.get("error").is_some());
    if value.get("method").is_some_and(Value::is_string) || is_answer {
        return Ok(Message { line, value });
    }
    let id = value.get("id").unwrap_or(&Value::Null);
    Err(error_line(id, INVALID_REQUEST, "the line is JSON, but no JSON-RPC message"))
}

/// An error as a line, without its end.
pub(super) fn error_line(id: &Value, code: i32, message: &str) -> Vec<u8> {
    json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } }).to_string().into_bytes()
}

/// A stream for an MCP server in this process, and the work that goes on beside the server: its lines are written to
/// `output`, the messages of `input` passed on to it, and the other lines answered, which the MCP library leaves out. The
/// work ends when the server has closed its stream.
pub(crate) fn refusing_bad_lines(
    input: impl AsyncRead + Unpin,
    output: impl AsyncWrite + Unpin,
) -> (DuplexStream, impl Future<Output = io::Result<()>>) {
    let (theirs, ours) = tokio::io::duplex(PIPE_BYTES);
    let work = async move {
        let (from_server, mut to_server) = tokio::io::split(ours);
        let output = Mutex::new(output);
        let answers = async {
            let mut from_server = BufReader::new(from_server);
            let mut line = Vec::new();
            while from_server.read_until(b'\n', &mut line).await? > 0 {
                write(&output, &line).await?;
                line.clear();
            }
            io::Result::Ok(())
        };
        let messages = async {
            let mut lines = Lines::new(input);
            while let Some(message) = lines.next().await? {
                match message {
                    Ok(mut message) => {
                        message.line.push(b'\n');
                        to_server.write_all(&message.line).await?;
                    }
                    Err(mut answer) => {
                        answer.push(b'\n');
                        write(&output, &answer).await?;
                    }
                }
            }
            to_server.shutdown().await
        };
        tokio::select! {
            done = answers => done,
            // The input has ended; the server may still answer.
            Err(error) = messages => Err(error),
        }
    };
    (theirs, work)
}

async fn write(output: &Mutex<impl AsyncWrite + Unpin>, line: &[u8]) -> io::Result<()> {
    let mut output = output.lock().await;
    output.write_all(line).await?;
    output.flush().await
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn lines_are_bounded_and_what_follows_a_long_one_is_read() {
        let mut input = BufReader::with_capacity(2, &b"12345\n123456\n\n1\n1234567890"[..]);
        let mut read = Vec::new();
        while let Some(line) = next_line(&mut input, 5).await.unwrap() {
            read.push(line.map(|line| String::from_utf8(line).unwrap()));
        }
        let line = |text: &str| Ok(text.to_owned());
        assert_eq!(read, [line("12345"), Err(TooLong), line(""), line("1"), Err(TooLong)]);
    }

    #[tokio::test]
    async fn lines_that_are_no_message_are_answered() {
        let text = b"nonsense\n\xff\n[1]\n{\"id\":7}\n\n{\"id\":1,\"result\":{}}\n{\"method\":\"x\"}";
        let mut lines = Lines::new(&text[..]);
        let (mut refused, mut passed) = (Vec::new(), Vec::new());
        while let Some(line) = lines.next().await.unwrap() {
            match line {
                Ok(message) => passed.push(String::from_utf8(message.line).unwrap()),
                Err(answer) => {
                    let answer: Value = serde_json::from_slice(&answer).unwrap();
                    refused.push((answer["id"].clone(), answer["error"]["code"].clone()));
                }
            }
        }
        assert_eq!(passed, [r#"{"id":1,"result":{}}"#, r#"{"method":"x"}"#]);
        let (parse, invalid) = (json!(PARSE_ERROR), json!(INVALID_REQUEST));
        let none = Value::Null;
        assert_eq!(
            refused,
            [(none.clone(), parse.clone()), (none.clone(), parse), (none, invalid.clone()), (json!(7), invalid)]
        );
    }

    #[tokio::test]
    async fn a_server_hears_messages_alone_and_its_last_answers_are_written() {
        let mut output = Vec::new();
        let (server, work) = refusing_bad_lines(&b"nonsense\n{\"method\":\"x\"}\n"[..], &mut output);
        let serve = async move {
            let (mut input, mut answers) = tokio::io::split(server);
            let mut heard = String::new();
            input.read_to_string(&mut heard).await.unwrap();
            answers.write_all(b"last\n").await.unwrap();
            heard
        };
        let (heard, worked) = tokio::join!(serve, work);
        worked.unwrap();
        assert_eq!(heard, "{\"method\":\"x\"}\n");
        let written = String::from_utf8(output).unwrap();
        let (refused, last) = written.trim_end().split_once('\n').unwrap();
        assert!(refused.contains("-32700") && last == "last", "{written}");
    }
}
