//! Mends what the derive macros leave in the spec: an inlined schema with a description comes as `allOf` of
//! the schema and an empty object that holds the description, which no text or number satisfies. A [`Moment`] is
//! shown in its place as the `date-time` that it is, for which tools that make an app's code have a type.

use utoipa::ToSchema;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{
    AdditionalProperties, AllOf, ArrayItems, KnownFormat, ObjectBuilder, SchemaFormat, SchemaType,
    Type,
};
use utoipa::openapi::{Components, Content, Object, Ref, RefOr, Schema};

use crate::wire::Moment;

/// Mends every schema of an operation.
pub(super) fn operation(operation: &mut Operation) {
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter {
            parameter.schema.iter_mut().for_each(schema);
        }
    }
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        body.content.values_mut().for_each(content);
    }
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response {
            response.content.values_mut().for_each(content);
        }
    }
}

fn content(content: &mut RefOr<Content>) {
    if let RefOr::T(content) = content {
        content.schema.iter_mut().for_each(schema);
    }
}

/// Mends the schemas that have a name.
pub(super) fn components(components: &mut Components) {
    components.schemas.remove(&*Moment::name());
    components.schemas.values_mut().for_each(schema);
}

/// Mends a schema and those inside it.
fn schema(schema: &mut RefOr<Schema>) {
    if let Some(moment) = moment(schema) {
        *schema = moment;
        return;
    }
    let RefOr::T(inner) = schema else { return };
    match inner {
        Schema::Array(array) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                self::schema(items);
            }
        }
        Schema::Object(object) => self::object(object),
        Schema::OneOf(one) => one.items.iter_mut().for_each(self::schema),
        Schema::AnyOf(any) => any.items.iter_mut().for_each(self::schema),
        Schema::AllOf(all) => {
            all.items.iter_mut().for_each(self::schema);
            if let Some(described) = described(all) {
                *schema = described;
            }
        }
        _ => {}
    }
}

fn object(object: &mut Object) {
    object.properties.values_mut().for_each(schema);
    if let Some(AdditionalProperties::RefOr(more)) = object.additional_properties.as_deref_mut() {
        schema(more);
    }
}

/// The schema of a pair (schema, its description).
fn described(all: &mut AllOf) -> Option<RefOr<Schema>> {
    let [
        RefOr::T(Schema::Object(plain)),
        RefOr::T(Schema::Object(note)),
    ] = &mut all.items[..]
    else {
        return None;
    };
    let empty =
        note.properties.is_empty() && note.required.is_empty() && note.enum_values.is_none();
    if !empty || note.description.is_none() {
        return None;
    }
    plain.description = note.description.take();
    plain.default = note.default.take().or(plain.default.take());
    Some(plain.clone().into())
}

/// What stands for a moment, or for one that may be null.
fn moment(schema: &RefOr<Schema>) -> Option<RefOr<Schema>> {
    let text = |kind: SchemaType, one: &Ref| -> RefOr<Schema> {
        let description = Some(one.description.clone()).filter(|text| !text.is_empty());
        ObjectBuilder::new()
            .schema_type(kind)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(description)
            .into()
    };
    match schema {
        RefOr::Ref(one) if is_moment(one) => Some(text(Type::String.into(), one)),
        RefOr::T(Schema::OneOf(either)) => match &either.items[..] {
            [RefOr::Ref(one), RefOr::T(_)] | [RefOr::T(_), RefOr::Ref(one)] if is_moment(one) => {
                Some(text(SchemaType::from_iter([Type::String, Type::Null]), one))
            }
            _ => None,
        },
        _ => None,
    }
}

fn is_moment(one: &Ref) -> bool {
    one.ref_location == Ref::from_schema_name(Moment::name()).ref_location
}
