//! The drawing holds for networks of every size: each resource once, no box over another, all text in its box.

use std::collections::BTreeMap;

use roxmltree::{Document, Node};
use vpcrun_model::{Network, Resource, ResourceId};

use super::fixture::{Names, Recipe, everything, generated, tutorial};
use crate::map::svg::Font;
use crate::map::{Scope, Theme, select, svg};

#[derive(Clone, Copy, Debug)]
struct Area {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Area {
    fn of(rect: Node<'_, '_>) -> Self {
        let (left, top) = (attribute(rect, "x"), attribute(rect, "y"));
        Self { left, top, right: left + attribute(rect, "width"), bottom: top + attribute(rect, "height") }
    }

    /// Half a pixel is less than a stroke: numbers are written with one digit after the point.
    fn holds(&self, inner: &Self) -> bool {
        inner.left > self.left - 0.5
            && inner.top > self.top - 0.5
            && inner.right < self.right + 0.5
            && inner.bottom < self.bottom + 0.5
    }

    fn meets(&self, other: &Self) -> bool {
        self.left + 0.2 < other.right
            && other.left + 0.2 < self.right
            && self.top + 0.2 < other.bottom
            && other.top + 0.2 < self.bottom
    }
}

fn attribute(node: Node<'_, '_>, name: &str) -> f64 {
    node.attribute(name).map_or(0.0, |value| value.parse().expect("a number"))
}

fn class<'a>(node: Node<'a, '_>) -> &'a str {
    node.attribute("class").unwrap_or_default()
}

/// What a text covers with the widest fonts.
fn text_area(node: Node<'_, '_>) -> Area {
    let font = Font::ALL.into_iter().find(|font| class(node).contains(font.class())).expect("a font");
    let text: String = node.children().filter_map(|child| child.is_text().then(|| child.text()).flatten()).collect();
    let (width, x, y) = (font.width(&text), attribute(node, "x"), attribute(node, "y"));
    let left = match node.attribute("text-anchor") {
        Some("end") => x - width,
        Some("middle") => x - width / 2.0,
        _ => x,
    };
    Area { left, top: y - 0.78 * font.size(), right: left + width, bottom: y + 0.22 * font.size() }
}

/// The box of a group: its first rectangle.
fn box_of(group: Node<'_, '_>) -> Option<Area> {
    group.children().find(|child| child.has_tag_name("rect")).map(Area::of)
}

fn groups<'a>(parent: Node<'a, 'a>) -> Vec<Node<'a, 'a>> {
    parent.children().filter(|child| child.has_tag_name("g") && box_of(*child).is_some()).collect()
}

/// The texts of a group, also those that are resources of their own.
fn texts<'a>(group: Node<'a, 'a>) -> Vec<Area> {
    let own = group.children().filter(|child| child.has_tag_name("text"));
    let nested = group.children().filter(|child| child.has_tag_name("g") && box_of(*child).is_none());
    let nested = nested.flat_map(|child| child.children().filter(|text| text.has_tag_name("text")));
    own.chain(nested).map(text_area).collect()
}

/// A gateway stands on the border of its VPC, and there only.
fn stands_on_border(one: Node<'_, '_>, other: Node<'_, '_>) -> bool {
    let pair = [class(one), class(other)];
    pair.contains(&"gateway") && pair.contains(&"vpc")
}

fn check_group(group: Node<'_, '_>, area: &Area, case: &str) {
    let title = group.children().find(|child| child.has_tag_name("title")).and_then(|title| title.text());
    let where_ = || format!("{case}: {} {title:?}", class(group));
    let (texts, inner) = (texts(group), groups(group));
    for (index, text) in texts.iter().enumerate() {
        assert!(area.holds(text), "{}: text {text:?} leaves {area:?}", where_());
        let met = texts[..index].iter().find(|other| other.meets(text));
        assert!(met.is_none(), "{}: text {text:?} over text {met:?}", where_());
        let met = inner.iter().filter_map(|child| box_of(*child)).find(|child| child.meets(text));
        assert!(met.is_none(), "{}: text {text:?} over box {met:?}", where_());
    }
    check_boxes(&inner, area, case);
}

fn check_boxes(boxes: &[Node<'_, '_>], parent: &Area, case: &str) {
    let areas: Vec<Area> = boxes.iter().filter_map(|node| box_of(*node)).collect();
    for (index, (node, area)) in boxes.iter().zip(&areas).enumerate() {
        assert!(parent.holds(area), "{case}: {} {area:?} leaves {parent:?}", class(*node));
        for (other, other_area) in boxes[..index].iter().zip(&areas) {
            let apart = !area.meets(other_area) || stands_on_border(*node, *other);
            assert!(apart, "{case}: {} {area:?} over {} {other_area:?}", class(*node), class(*other));
            if stands_on_border(*node, *other) && area.meets(other_area) {
                let (gateway, vpc) = if class(*node) == "gateway" { (area, *other) } else { (other_area, *node) };
                let below = groups(vpc).iter().filter_map(|child| box_of(*child)).chain(texts(vpc)).collect::<Vec<_>>();
                assert!(below.iter().all(|inner| !inner.meets(gateway)), "{case}: a gateway hides what is inside");
            }
        }
        check_group(*node, area, case);
    }
}

/// How often the drawing should have each id: once for all that can be drawn.
fn expected(network: &Network) -> BTreeMap<String, usize> {
    let drawn = |resource: &&dyn Resource| match resource.id() {
        ResourceId::Instance(id) => network.instances[&id].subnet_id.is_some(),
        ResourceId::NetworkInterface(id) => network.network_interfaces[&id].attachment.is_none(),
        ResourceId::SecurityGroup(id) => network.security_groups[&id].group_name != "default",
        ResourceId::Vpc(_) | ResourceId::Subnet(_) | ResourceId::InternetGateway(_) => true,
        ResourceId::RouteTable(_) | ResourceId::Allocation(_) => true,
        _ => false,
    };
    network.resources().filter(drawn).map(|resource| (resource.id().to_string(), 1)).collect()
}

fn check(network: &Network, case: &str) {
    let drawing = svg(network, Theme::Auto);
    let document = Document::parse(&drawing).unwrap_or_else(|error| panic!("{case}: {error}"));
    let root = document.root_element();
    let page = Area { left: 0.0, top: 0.0, right: attribute(root, "width"), bottom: attribute(root, "height") };
    check_boxes(&groups(root), &page, case);
    let mut page_texts = texts(root);
    page_texts.extend(groups(root).iter().filter_map(|node| box_of(*node)));
    for (index, text) in texts(root).iter().enumerate() {
        assert!(page.holds(text), "{case}: {text:?}");
        let met = page_texts.iter().enumerate().find(|(other, area)| *other != index && area.meets(text));
        assert!(met.is_none(), "{case}: {text:?} over {met:?}");
    }
    let mut found = BTreeMap::new();
    for id in document.descendants().filter_map(|node| node.attribute("data-id")) {
        *found.entry(id.to_owned()).or_insert(0) += 1;
    }
    assert_eq!(found, expected(network), "{case}");
}

#[test]
fn known_networks_are_drawn_whole() {
    check(&tutorial(), "the tutorial's");
    check(&everything(), "everything");
    check(&Network::new("ap-northeast-1"), "nothing");
}

#[test]
fn networks_of_every_size_are_drawn_whole() {
    for names in Names::ALL {
        for zones in 0..=4 {
            for instances in [0, 1, 2, 5, 13, 40] {
                for (vpcs, public, private) in [(1, 1, 0), (1, 2, 1), (1, 0, 1), (3, 1, 1)] {
                    let recipe = Recipe { vpcs, zones, public, private, instances, names };
                    check(&generated(recipe), &format!("{recipe:?}"));
                }
            }
        }
    }
}

#[test]
fn six_zones_are_drawn_whole() {
    let recipe = Recipe { vpcs: 1, zones: 6, public: 1, private: 1, instances: 20, names: Names::Short };
    check(&generated(recipe), "six zones");
}

#[test]
fn nothing_is_fetched_and_nothing_runs() {
    let hostile = Recipe { vpcs: 1, zones: 1, public: 1, private: 0, instances: 1, names: Names::Hostile };
    for theme in [Theme::Auto, Theme::Light, Theme::Dark] {
        let drawing = svg(&generated(hostile), theme);
        let document = Document::parse(&drawing).expect("XML");
        for node in document.descendants().filter(Node::is_element) {
            let name = node.tag_name().name();
            assert!(
                ["svg", "title", "desc", "style", "g", "rect", "circle", "path", "text"].contains(&name),
                "{name} is not of the drawing"
            );
            assert!(node.attributes().all(|attribute| !attribute.name().starts_with("on")));
        }
        for fetched in ["href", "url(", "@import", "<!ENTITY", "http:"] {
            let found = drawing.replace("http://www.w3.org/2000/svg", "").contains(fetched);
            assert!(!found, "{fetched}");
        }
    }
}

#[test]
fn a_shortened_name_is_whole_in_a_title() {
    let recipe = Recipe { vpcs: 1, zones: 1, public: 1, private: 0, instances: 1, names: Names::Long };
    let drawing = svg(&generated(recipe), Theme::Light);
    let document = Document::parse(&drawing).expect("XML");
    let cut: Vec<Node<'_, '_>> = document
        .descendants()
        .filter(|node| node.has_tag_name("text") && node.children().any(|child| child.has_tag_name("title")))
        .collect();
    assert!(!cut.is_empty());
    for text in cut {
        let title = text.first_element_child().and_then(|title| title.text()).expect("a title");
        let shown: String = text.children().filter(Node::is_text).filter_map(|child| child.text()).collect();
        let (head, tail) = shown.split_once('…').expect("an ellipsis");
        assert!(title.starts_with(head) && title.ends_with(tail), "{shown} for {title}");
    }
}

#[test]
fn addresses_are_never_shortened() {
    let recipe = Recipe { vpcs: 1, zones: 4, public: 1, private: 1, instances: 40, names: Names::Long };
    let network = generated(recipe);
    let drawing = svg(&network, Theme::Light);
    for instance in network.instances.values() {
        let addresses = instance.private_ip_address.into_iter().chain(instance.public_ip_address);
        for address in addresses {
            assert!(drawing.contains(&format!(">{address}</text>")), "{address}");
        }
    }
}

#[test]
fn themes_differ_in_colours_only() {
    let body = |theme| {
        let drawing = svg(&tutorial(), theme);
        let (head, rest) = drawing.split_once("<style>").expect("a style sheet");
        let (css, body) = rest.split_once("</style>").expect("its end");
        (css.to_owned(), format!("{head}{body}"))
    };
    let [(auto, auto_body), (light, light_body), (dark, dark_body)] =
        [Theme::Auto, Theme::Light, Theme::Dark].map(body);
    assert!(auto_body == light_body && light_body == dark_body);
    assert!(auto.contains("@media (prefers-color-scheme: dark)"));
    assert!(!light.contains("@media") && !dark.contains("@media"));
    assert!(light.contains("#ffffff; }") && dark.contains("#0f1419; }"));
}

#[test]
fn the_picture_in_the_docs_is_of_the_tutorials_network() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/images/home-ssh.svg");
    let network = select(&tutorial(), &Scope::default()).expect("a selection").network;
    let drawing = svg(&network, Theme::Auto);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(file, &drawing).expect("docs/images can be written");
    }
    let written = std::fs::read_to_string(file).expect("the picture");
    let message = "docs/images/home-ssh.svg is not what is drawn: run UPDATE_DOCS=1 cargo test -p vpcrun docs";
    assert!(written == drawing, "{message}");
}
