use super::*;

#[test]
fn secrets_go_and_the_rest_stays() {
    for (text, want) in [
        // JSON, whole and cut off.
        (r#"{"user":"ada","password":"p w","n":1}"#, r#"{"user":"ada","password":"[redacted]","n":1}"#),
        (r#"{"accessToken" : "a\"b", "x": 1}"#, r#"{"accessToken" : "[redacted]", "x": 1}"#),
        (r#"{"password":"half of it"#, r#"{"password":"[redacted]"#),
        (r#"{"password":"half\"#, r#"{"password":"[redacted]"#),
        (r#"{"cvv":123,"total_tokens":1532,"token":null}"#, r#"{"cvv":[redacted],"total_tokens":1532,"token":null}"#),
        (r#"{"token":{"value":"abc","expires":60}}"#, r#"{"token":{"value":"[redacted]","expires":60}}"#),
        (r#"{"cookies":["a=b","c"],"d":"e"}"#, r#"{"cookies":["[redacted]","[redacted]"],"d":"e"}"#),
        (r#"{"secret":["cut"#, r#"{"secret":["[redacted]"#),
        (r#"body "{\"password\":\"x\",\"a\":\"b\"}""#, r#"body "{\"password\":\"[redacted]\",\"a\":\"b\"}""#),
        ("{ password: 'hunter2', pin: 1234 }", "{ password: '[redacted]', pin: 1234 }"),
        // Errors about secret fields and codes of errors explain failures.
        (r#"{"password":["This password is too short."]}"#, r#"{"password":["This password is too short."]}"#),
        (r#"{"password":"Password must be longer"}"#, r#"{"password":"Password must be longer"}"#),
        (r#"{"code":400,"key":"name"}"#, r#"{"code":400,"key":"name"}"#),
        (r#"{"key":"d41d8cd98f00b204e980"}"#, r#"{"key":"[redacted]"}"#),
        (r#"{"password":"****","token":""}"#, r#"{"password":"****","token":""}"#),
        ("password: must be longer", "password: must be longer"),
        ("if (token === null) retry", "if (token === null) retry"),
        (
            "Unexpected token '<', \"<!doctype\" is not valid JSON",
            "Unexpected token '<', \"<!doctype\" is not valid JSON",
        ),
        ("unexpected token: '<'", "unexpected token: '<'"),
        // Prose, headers, addresses.
        ("login with token=abc failed", "login with token=[redacted] failed"),
        ("Authorization: Bearer abcDEF123.x-y", "Authorization: Bearer [redacted]"),
        ("basic authentication is off", "basic authentication is off"),
        ("authorization: Token 0123456789abcdef", "authorization: Token [redacted]"),
        ("<Password>hunter2</Password><id>7</id>", "<Password>[redacted]</Password><id>7</id>"),
        (
            "<wsse:Password Type=\"x\"><![CDATA[hunter2]]></wsse:Password>",
            "<wsse:Password Type=\"x\"><![CDATA[[redacted]]]></wsse:Password>",
        ),
        ("<token/><a>b</a> if (x <token> y", "<token/><a>b</a> if (x <token> y"),
        (
            "key -----BEGIN RSA PRIVATE KEY-----\\nMIIE\\n-----END RSA PRIVATE KEY----- ok",
            "key -----BEGIN RSA PRIVATE KEY-----[redacted]-----END RSA PRIVATE KEY----- ok",
        ),
        ("-----BEGIN CERTIFICATE-----abc token=x", "-----BEGIN CERTIFICATE-----abc token=[redacted]"),
        ("cookie session-eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x-y", "cookie session-[redacted]"),
        ("Cookie: a=b; c=d\nHost: x", "Cookie: [redacted]\nHost: x"),
        ("got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x-y!", "got [redacted]!"),
        ("at f (https://a.test/s.js?token=ab:1:2)", "at f (https://a.test/s.js?token=[redacted]:1:2)"),
        ("at f (https://a.test/s.js?v=ab:1:2)", "at f (https://a.test/s.js?v=ab:1:2)"),
        ("see https://u:p@a.test/x, ok", "see https://a.test/x, ok"),
        ("img data:image/png;base64,iVBORw0KGgo= done", "img data:image/png,[8 bytes] done"),
        ("metadata: x, data: y", "metadata: x, data: y"),
        ("paid with 4242 4242 4242 4242.", "paid with [redacted]."),
        ("order 1795190839829 of €20", "order 1795190839829 of €20"),
        ("pass\u{200b}word=x", "password=[redacted]"),
        ("", ""),
        ("token=", "token="),
        ("token", "token"),
        ("token:", "token:"),
        ("é:\"token\":\"é", "é:\"token\":\"[redacted]"),
    ] {
        assert_eq!(clean_text(text), want, "{text}");
    }
}

#[test]
fn cleaning_twice_changes_nothing() {
    for text in ["https://a.test/?token=x&y=1", "{\"password\":\"x\"}", "token=x", "cvv: 123", "Bearer abcdefgh1"] {
        let once = clean_text(text);
        assert_eq!(clean_text(&once), once, "{text}");
    }
}

#[test]
fn forms_are_cleaned_by_name() {
    assert_eq!(clean_form("user%5Bpassword%5D=x+y&name=ada&pin="), "user%5Bpassword%5D=[redacted]&name=ada&pin=");
}

#[test]
fn no_cut_of_a_text_panics() {
    let text = "é {\"token\":\"a\\\"é\",\"p\":[\"\\\\\"]} \\\"secret\\\":\\\"x\\\\\\\"y\\\" https://ü@é/?code=é data:é;base64,é Basic é= 4242é";
    for (at, _) in text.char_indices() {
        clean_text(&text[at..]);
        clean_text(&text[..at]);
        url::clean_url(&text[at..]);
    }
}
