//! What all Describe actions share: ids, filters and pages.
//!
//! Filters are ANDed, the values of one ORed; `*` matches any text and `?` one character, a backslash takes the next character
//! as it is. Source: "Filtering results" in the EC2 API Reference.

use std::ops::RangeInclusive;

use serde::Deserialize;
use vpcrun_model::{Id, ResourceId};

use crate::action::Context;
use crate::error::Refusal;
use crate::state::{Resource, Tags};

/// One filter of a Describe request.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Filter {
    pub(crate) name: String,
    #[serde(rename = "Value", default)]
    pub(crate) values: Vec<String>,
}

/// The filters of an action but `tag:…` and `tag-key`: a name, and the values that a resource has under it.
pub(crate) type FilterTable<R> = &'static [(&'static str, fn(&R, &Context<'_>) -> Vec<String>)];

/// Whether a resource passes all filters.
///
/// # Errors
/// `InvalidParameterValue` for a filter that the action does not have; so call [`check`] even if there is nothing to filter.
pub(crate) fn passes<R: Resource>(resource: &R, filters: &[Filter], table: FilterTable<R>, cx: &Context<'_>) -> bool {
    filters.iter().all(|filter| {
        let values = tag_values(resource.tags(), &filter.name)
            .or_else(|| table.iter().find(|(name, _)| *name == filter.name).map(|(_, values)| values(resource, cx)));
        values.is_some_and(|values| any_matches(&filter.values, &values))
    })
}

/// Whether something that has no tags passes all filters: no `tag:…` lets it.
pub(crate) fn passes_untagged<T>(item: &T, filters: &[Filter], table: FilterTable<T>, cx: &Context<'_>) -> bool {
    filters.iter().all(|filter| {
        let entry = table.iter().find(|(name, _)| *name == filter.name);
        entry.is_some_and(|(_, values)| any_matches(&filter.values, &values(item, cx)))
    })
}

/// Whether one of the patterns matches one of the values.
pub(crate) fn any_matches(patterns: &[String], values: &[String]) -> bool {
    patterns.iter().any(|pattern| values.iter().any(|value| matches_pattern(pattern, value)))
}

fn tag_values(tags: &Tags, filter: &str) -> Option<Vec<String>> {
    if let Some(key) = filter.strip_prefix("tag:") {
        return Some(tags.get(key).into_iter().cloned().collect());
    }
    (filter == "tag-key").then(|| tags.keys().cloned().collect())
}

/// # Errors
/// `InvalidParameterValue` for a filter that the action does not have.
pub(crate) fn check_filters<'a>(
    filters: &[Filter],
    known: impl Iterator<Item = &'a str> + Clone,
) -> Result<(), Refusal> {
    for filter in filters {
        let name = filter.name.as_str();
        if !name.starts_with("tag:") && name != "tag-key" && !known.clone().any(|known| known == name) {
            return Err(Refusal::invalid_parameter_value(format!("The filter '{name}' is invalid")));
        }
    }
    Ok(())
}

/// Glob matching in time linear in the text for each `*`, without recursion: patterns come from outside.
fn matches_pattern(pattern: &str, text: &str) -> bool {
    #[derive(Clone, Copy, PartialEq)]
    enum Token {
        Any,
        One,
        Char(char),
    }
    let mut tokens = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        tokens.push(match c {
            '*' => Token::Any,
            '?' => Token::One,
            '\\' => Token::Char(chars.next().unwrap_or('\\')),
            other => Token::Char(other),
        });
    }
    let text: Vec<char> = text.chars().collect();
    let (mut t, mut p) = (0, 0);
    // Where to go on after a mismatch: the position behind the last `*`, and the text that it has not yet taken.
    let mut retry = None;
    while t < text.len() {
        match tokens.get(p) {
            Some(Token::Any) => {
                retry = Some((p + 1, t));
                p += 1;
            }
            Some(token) if *token == Token::One || *token == Token::Char(text[t]) => {
                p += 1;
                t += 1;
            }
            _ => match retry {
                Some((after, taken)) => {
                    retry = Some((after, taken + 1));
                    p = after;
                    t = taken + 1;
                }
                None => return false,
            },
        }
    }
    tokens[p..].iter().all(|token| *token == Token::Any)
}

/// How an action words its page parameters; EC2 is not of one piece here.
#[derive(Clone, Debug, Default)]
pub(crate) struct Page {
    pub(crate) max_results: Option<i64>,
    pub(crate) next_token: Option<String>,
}

/// What a Describe request asks for.
pub(crate) struct Query<'a> {
    pub(crate) ids: &'a [String],
    pub(crate) filters: &'a [Filter],
    pub(crate) page: Page,
    /// The list of ids as EC2 names it in messages, such as `SubnetIds`.
    pub(crate) ids_name: &'static str,
}

/// How large a page of most actions can be.
pub(crate) const PAGE_SIZES: RangeInclusive<usize> = 5..=1_000;

/// The resources that a Describe request asks for, in the order of their ids, and the token of the next page.
///
/// # Errors
/// An unknown or malformed id (one fails the whole call), an unknown filter, a bad page size or token.
pub(crate) fn select<'c, R: Resource>(
    cx: &'c Context<'_>,
    query: &Query<'_>,
    table: FilterTable<R>,
) -> Result<(Vec<&'c R>, Option<String>), Refusal> {
    select_within(cx, query, table, PAGE_SIZES)
}

/// [`select`], for an action with page sizes of its own.
///
/// # Errors
/// As of [`select`].
pub(crate) fn select_within<'c, R: Resource>(
    cx: &'c Context<'_>,
    query: &Query<'_>,
    table: FilterTable<R>,
    sizes: RangeInclusive<usize>,
) -> Result<(Vec<&'c R>, Option<String>), Refusal> {
    check_filters(query.filters, table.iter().map(|(name, _)| *name))?;
    if !query.ids.is_empty() {
        if query.page.next_token.is_some() {
            // EC2 names both parameters in the same style: `SubnetIds` and `NextToken`, `securityGroupIdSet` and `nextToken`.
            let is_old_style = query.ids_name.starts_with(|first: char| first.is_lowercase());
            let next_token = if is_old_style { "nextToken" } else { "NextToken" };
            return Err(Refusal::invalid_parameter_combination(format!(
                "The parameter {} cannot be used with the parameter {next_token}",
                query.ids_name
            )));
        }
        let mut found = query.ids.iter().map(|id| cx.find::<R>(id)).collect::<Result<Vec<_>, _>>()?;
        found.sort_by_key(|resource| resource.id());
        found.dedup_by_key(|resource| resource.id());
        found.retain(|resource| passes(*resource, query.filters, table, cx));
        return paginate_within(cx, found, &query.page, sizes, |resource| resource.id().to_string());
    }
    // Not more than the page, and one that says whether there is another, from the one where the last page ended.
    let scope = token_scope(cx);
    let last = query.page.next_token.as_deref().and_then(|token| decode_token(&scope, token));
    let after = last.and_then(|last| last.parse().ok());
    let first = after.unwrap_or(R::Id::MIN);
    let candidates: Box<dyn Iterator<Item = &R>> = match indexed::<R>(query.filters) {
        Some(target) => Box::new(cx.region.referrers_from(target, first)),
        None => Box::new(cx.region.all_from(first)),
    };
    let passing =
        candidates.filter(|resource| Some(resource.id()) != after && passes(*resource, query.filters, table, cx));
    let found = passing.take(sizes.end() + 1).collect();
    paginate_within(cx, found, &query.page, sizes, |resource| resource.id().to_string())
}

/// What everything that passes the filters refers to, if one of them says so.
fn indexed<R: Resource>(filters: &[Filter]) -> Option<ResourceId> {
    let mut filters = filters.iter().filter(|filter| R::indexed_filters().contains(&filter.name.as_str()));
    filters.find_map(|filter| match filter.values.as_slice() {
        [id] => id.parse().ok(),
        _ => None,
    })
}

/// A Describe action that takes ids, filters and a page, and answers with a list, as most of them do:
/// the action, the parameter that lists ids, the resource, the list's element, its item and what makes one.
/// `FILTERS` of the resource says what it can be found by; `pages` follows where EC2 documents other page sizes than most.
macro_rules! describe {
    ($(#[$doc:meta])* $action:ident, $id:literal of $resource:ty, $set:ident: $item:ty, $make:expr) => {
        crate::describe::describe!(
            $(#[$doc])*
            $action, $id of $resource, $set: $item, $make, pages crate::describe::PAGE_SIZES
        );
    };
    ($(#[$doc:meta])* $action:ident, $id:literal of $resource:ty, $set:ident: $item:ty, $make:expr, pages $sizes:expr) => {
        $(#[$doc])*
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "PascalCase", deny_unknown_fields)]
        pub(crate) struct $action {
            #[serde(rename = $id, default)]
            ids: Vec<String>,
            #[serde(rename = "Filter", default)]
            filters: Vec<crate::describe::Filter>,
            max_results: Option<i64>,
            next_token: Option<String>,
        }

        const _: () = {
            #[serde_with::skip_serializing_none]
            #[derive(serde::Serialize)]
            #[serde(rename_all = "camelCase")]
            pub(crate) struct Response {
                $set: crate::wire::Items<$item>,
                next_token: Option<String>,
            }

            impl crate::action::Action for $action {
                type Response = Response;

                fn run(
                    self,
                    cx: &mut crate::action::Context<'_>,
                ) -> Result<Self::Response, crate::error::Refusal> {
                    let query = crate::describe::Query {
                        ids: &self.ids,
                        filters: &self.filters,
                        page: crate::describe::Page { max_results: self.max_results, next_token: self.next_token },
                        ids_name: concat!($id, "s"),
                    };
                    let (found, next_token) =
                        crate::describe::select_within(cx, &query, <$resource>::FILTERS, $sizes)?;
                    Ok(Response { $set: found.into_iter().map(|resource| $make(resource, cx)).collect(), next_token })
                }
            }
        };
    };
}
pub(crate) use describe;

/// One page of a list that is sorted by `key`.
///
/// # Errors
/// `InvalidParameterValue` for a page size under 5 or over 1,000, or a token that this list did not give out.
pub(crate) fn paginate<T>(
    cx: &Context<'_>,
    items: Vec<T>,
    page: &Page,
    key: impl Fn(&T) -> String,
) -> Result<(Vec<T>, Option<String>), Refusal> {
    paginate_within(cx, items, page, PAGE_SIZES, key)
}

/// [`paginate`], for an action with page sizes of its own.
///
/// # Errors
/// `InvalidParameterValue` for another page size, or a token that this list did not give out.
pub(crate) fn paginate_within<T>(
    cx: &Context<'_>,
    items: Vec<T>,
    page: &Page,
    sizes: RangeInclusive<usize>,
    key: impl Fn(&T) -> String,
) -> Result<(Vec<T>, Option<String>), Refusal> {
    cut(items, page, &token_scope(cx), sizes, key)
}

fn cut<T>(
    mut items: Vec<T>,
    page: &Page,
    scope: &str,
    sizes: RangeInclusive<usize>,
    key: impl Fn(&T) -> String,
) -> Result<(Vec<T>, Option<String>), Refusal> {
    let size = match page.max_results {
        None => *sizes.end(),
        Some(wanted) => usize::try_from(wanted).ok().filter(|wanted| sizes.contains(wanted)).ok_or_else(|| {
            let too_small = usize::try_from(wanted).map_or(true, |wanted| wanted < *sizes.start());
            let (relation, bound) = if too_small { ("greater", sizes.start()) } else { ("less", sizes.end()) };
            Refusal::invalid_parameter_value(format!(
                "Value ( {wanted} ) for parameter MaxResults is invalid. Expecting a value {relation} than or equal to \
                     {bound}."
            ))
        })?,
    };
    if let Some(token) = &page.next_token {
        let last = decode_token(scope, token).ok_or_else(|| {
            let message = format!("Value ( {token} ) for parameter NextToken is invalid. The token is invalid.");
            Refusal::invalid_parameter_value(message)
        })?;
        items.retain(|item| key(item) > last);
    }
    if items.len() <= size {
        return Ok((items, None));
    }
    items.truncate(size);
    let token = items.last().map(|item| encode_token(scope, &key(item)));
    Ok((items, token))
}

/// What a token is good for. Recorded on AWS (pagination): its own region and action, whatever the filters.
pub(crate) fn token_scope(cx: &Context<'_>) -> String {
    format!("{}/{}/", cx.region_name, cx.action)
}

/// A token is the hexadecimal text of its scope and the last key: opaque to clients, and good after changes, restarts and in
/// another process.
pub(crate) fn encode_token(scope: &str, key: &str) -> String {
    scope.bytes().chain(key.bytes()).map(|byte| format!("{byte:02x}")).collect()
}

fn decode_token(scope: &str, token: &str) -> Option<String> {
    if token.is_empty() || !token.len().is_multiple_of(2) || !token.is_ascii() {
        return None;
    }
    let byte = |at: usize| u8::from_str_radix(token.get(at..at + 2)?, 16).ok();
    let bytes: Option<Vec<u8>> = (0..token.len()).step_by(2).map(byte).collect();
    let text = String::from_utf8(bytes?).ok()?;
    text.strip_prefix(scope).map(str::to_owned)
}

/// A filter's value as EC2 writes booleans.
pub(crate) fn flag(value: bool) -> Vec<String> {
    vec![value.to_string()]
}

/// A filter's value of anything that prints.
pub(crate) fn text(value: impl std::fmt::Display) -> Vec<String> {
    vec![value.to_string()]
}

/// A filter's value that may be absent.
pub(crate) fn optional(value: Option<impl std::fmt::Display>) -> Vec<String> {
    value.into_iter().map(|value| value.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match_as_documented() {
        let yes = [
            ("*", ""),
            ("a*", "abc"),
            ("*c", "abc"),
            ("a?c", "abc"),
            ("*b*", "abc"),
            ("a\\*c", "a*c"),
            ("日?", "日本"),
        ];
        for (pattern, text) in yes {
            assert!(matches_pattern(pattern, text), "{pattern} {text}");
        }
        let no = [("", "a"), ("a", ""), ("a?", "a"), ("a\\*c", "abc"), ("ab", "abc"), ("*d", "abc"), ("A*", "abc")];
        for (pattern, text) in no {
            assert!(!matches_pattern(pattern, text), "{pattern} {text}");
        }
        let hostile = format!("{}b", "*a".repeat(50));
        assert!(!matches_pattern(&hostile, &"a".repeat(5_000)));
    }

    #[test]
    fn pages_cover_the_list_once() {
        let all: Vec<u32> = (100..123).collect();
        let (mut seen, mut token) = (Vec::new(), None);
        loop {
            let page = Page { max_results: Some(5), next_token: token };
            let (items, next) = cut(all.clone(), &page, "a/", PAGE_SIZES, u32::to_string).expect("a page");
            seen.extend(items);
            token = next;
            if token.is_none() {
                break;
            }
        }
        assert_eq!(seen, all);
    }

    #[test]
    fn page_parameters_are_checked() {
        for (max_results, next_token) in
            [(Some(4), None), (Some(1_001), None), (None, Some("zz")), (None, Some("é")), (None, Some("622f31"))]
        {
            let page = Page { max_results, next_token: next_token.map(str::to_owned) };
            let refusal = cut(vec![1], &page, "a/", PAGE_SIZES, i32::to_string).expect_err("refused");
            assert_eq!(refusal.code, "InvalidParameterValue");
        }
    }
}
