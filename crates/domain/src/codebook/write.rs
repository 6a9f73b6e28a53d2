//! A codebook as a document, in a fixed form.

use super::document::{Made, Node, Value};
use super::{Codebook, Field, ParticipantBy, Roles, Scalar, Texts, Undeclared};

pub(crate) fn codebook(codebook: &Codebook) -> Node<'_> {
    let mut made = Made::default();
    made.put("format", Value::Number(1.into()));
    made.put_text("study", codebook.study.as_ref().map(|slug| slug.as_str()));
    made.put_text("version", codebook.version());
    put_texts(&mut made, "title", &codebook.title);
    put_texts(&mut made, "description", &codebook.description);
    if codebook.undeclared != Undeclared::Keep {
        made.put_text("undeclared", Some(codebook.undeclared.as_str()));
    }
    made.put_table("roles", roles(&codebook.roles));
    made.put_table("fields", fields(&codebook.fields));
    let mut groups = Made::default();
    for group in &codebook.groups {
        groups.put(&*group.name, fields(&group.fields));
    }
    made.put_table("groups", groups);
    let mut actions = Made::default();
    for action in &codebook.actions {
        let mut inner = Made::default();
        put_texts(&mut inner, "label", &action.label);
        put_texts(&mut inner, "description", &action.description);
        inner.put_list("groups", texts(&action.groups));
        inner.put_text("undeclared", action.undeclared.map(Undeclared::as_str));
        inner.put_table("fields", fields(&action.fields));
        actions.put(&*action.name, inner);
    }
    made.put_table("actions", actions);
    made.into()
}

fn roles(roles: &Roles) -> Made<'_> {
    let mut made = Made::default();
    for (part, member) in &roles.members {
        made.put_text(part.as_str(), Some(&**member));
    }
    if roles.participant_by != ParticipantBy::Username {
        made.put_text("participant_by", Some(roles.participant_by.as_str()));
    }
    made.put_text("game_version", roles.game_version());
    made.put_list("session_start", texts(&roles.session_start));
    made.put_list("session_end", texts(&roles.session_end));
    made
}

fn fields(fields: &[Field]) -> Made<'_> {
    let mut made = Made::default();
    for field in fields {
        made.put(&*field.name, self::field(field));
    }
    made
}

fn field(field: &Field) -> Made<'_> {
    let mut made = Made::default();
    made.put_text("type", Some(field.kind.as_str()));
    if field.required {
        made.put("required", Value::Boolean(true));
    }
    made.put_list("enum", field.enumeration.iter().map(scalar).collect());
    for (key, bound) in [("minimum", &field.minimum), ("maximum", &field.maximum)] {
        if let Some(bound) = bound {
            made.put(key, scalar(bound));
        }
    }
    made.put_number("min_length", field.min_length);
    made.put_number("max_length", field.max_length);
    made.put_text("pattern", field.pattern());
    made.put_text("unit", field.unit());
    made.put_list("missing", field.missing.iter().map(scalar).collect());
    made.put_text("privacy", field.privacy.map(|class| class.as_str()));
    put_texts(&mut made, "label", &field.label);
    put_texts(&mut made, "description", &field.description);
    made.put_text("undeclared", field.undeclared.map(Undeclared::as_str));
    if let Some(items) = &field.items {
        made.put("items", self::field(items));
    }
    made.put_table("fields", fields(&field.fields));
    made
}

pub(crate) fn scalar(scalar: &Scalar) -> Node<'_> {
    match scalar {
        Scalar::Text(text) => Node::text(&**text),
        Scalar::Number(number) => Value::Number(number.clone()).into(),
        Scalar::Time(time) => Node::text(time.to_string()),
    }
}

fn texts(names: &[Box<str>]) -> Vec<Node<'_>> {
    names.iter().map(|name| Node::text(&**name)).collect()
}

fn put_texts<'a>(made: &mut Made<'a>, key: &'static str, texts: &'a Texts) {
    match &*texts.0 {
        [] => {}
        [(tag, text)] if **tag == *Texts::UNDETERMINED => made.put_text(key, Some(&**text)),
        several => {
            let mut inner = Made::default();
            for (tag, text) in several {
                inner.put(&**tag, Value::Text((&**text).into()));
            }
            made.put(key, inner);
        }
    }
}
