//! What holds for the parameters and bodies of every request.

use std::collections::BTreeSet;
use utoipa::openapi::path::{Operation, Parameter};
use utoipa::openapi::schema::{AdditionalProperties, Schema, SchemaType, Type};
use utoipa::openapi::{OpenApi as Document, RefOr};

/// Says of the bodies that are objects of ours that they have no other members: those are refused. Log entries may have any,
/// and so may what OAuth 2 asks for (RFC 6749 section 3.2).
pub(crate) fn close(document: &mut Document) {
    let mut names = BTreeSet::new();
    for (path, item) in &document.paths.paths {
        let takes_entries = path.ends_with("/v1/logs");
        if path.contains("/v1/") {
            let post = item.post.as_ref().filter(|_| !takes_entries);
            let others = [&item.put, &item.patch, &item.delete];
            let all = post.into_iter().chain(others.into_iter().flatten());
            names.extend(all.filter_map(body));
        }
    }
    let Some(components) = &mut document.components else {
        return;
    };
    for name in names {
        if let Some(RefOr::T(Schema::Object(object))) = components.schemas.get_mut(&name) {
            object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
        }
    }
}

/// Takes `null` out of what a parameter may be: one that is left out is not there, and `null` is the text of four letters.
pub(crate) fn without_null(parameter: &mut Parameter) {
    let Some(RefOr::T(schema)) = &mut parameter.schema else {
        return;
    };
    let is_null = |one: &RefOr<Schema>| matches!(one, RefOr::T(Schema::Object(object)) if object.schema_type == SchemaType::Type(Type::Null));
    match schema {
        Schema::Object(object) => {
            if let SchemaType::Array(types) = &mut object.schema_type {
                types.retain(|one| *one != Type::Null);
                if let [one] = types.as_slice() {
                    object.schema_type = SchemaType::Type(one.clone());
                }
            }
        }
        Schema::OneOf(choice) => {
            choice.items.retain(|one| !is_null(one));
            if choice.items.len() == 1 {
                parameter.schema = choice.items.pop();
            }
        }
        _ => {}
    }
}

/// The name of the schema of its JSON body, whether one must be sent or not.
fn body(operation: &Operation) -> Option<String> {
    let Some(RefOr::T(body)) = &operation.request_body else {
        return None;
    };
    let RefOr::T(content) = body.content.get("application/json")? else {
        return None;
    };
    let name = |schema: &RefOr<Schema>| match schema {
        RefOr::Ref(reference) => reference.ref_location.rsplit('/').next().map(str::to_owned),
        RefOr::T(_) => None,
    };
    match content.schema.as_ref()? {
        RefOr::T(Schema::OneOf(choice)) => choice.items.iter().find_map(name),
        schema => name(schema),
    }
}
