"""What a column is for, by its name: the names that published data sets and shops give their columns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal

Purpose = Literal["table", "events", "pairs", "catalogue"]
PURPOSES: tuple[Purpose, ...] = ("table", "events", "pairs", "catalogue")


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


EVENTS: Mapping[str, tuple[str, ...]] = {
    "user": _words(
        "user user_id userid visitor visitor_id visitorid customer customer_id customerid cust_id client_id "
        "member_id account_id household_id household_key person_id buyer_id reviewer_id uid session "
        "session_id sessionid user_pseudo_id anonymous_id"
    ),
    "item": _words(
        "item item_id itemid product product_id productid stock_code stockcode sku asin article_id goods_id "
        "movie_id movieid track_id song_id artist_id book_id content_id parent_asin iid aid object_id"
    ),
    "time": _words(
        "time timestamp time_stamp ts event_time event_timestamp datetime date_time date invoice_date "
        "order_date purchase_date created_at visit_time t_dat unix_review_time day"
    ),
    "type": _words(
        "type event_type event behaviour behavior behavior_type behaviour_type action action_type event_name "
        "interaction interaction_type action_name"
    ),
    "category": _words(
        "category category_code category_name product_category category_id categoryid product_class department genre "
        "item_category"
    ),
    "brand": _words("brand brand_name product_brand manufacturer"),
    "price": _words("price unit_price sales_price item_price"),
    "shop": _words("shop shop_id seller seller_id store store_id merchant merchant_id vendor"),
    "title": _words("title item_title product_title product_name item_name name description"),
    "scenario": _words("scenario page_type channel device platform"),
    "quantity": _words("quantity qty amount_sold units"),
}
"""Of a file of events: the best name first."""
PAIRS: Mapping[str, tuple[str, ...]] = {
    "title": _words(
        "title product_title product_name item_name item_title name document doc text description product_description "
        "product"
    ),
    "query": _words("query search_query search_term query_text user_query keyword keywords search q"),
    "label": _words(
        "label grade relevance relevant esci_label judgement judgment rating relevance_grade relevance_score "
        "relevance_label gain score"
    ),
    "id": _words(
        "product_id productid product_uid product_code key id asin sku docid doc_id document_id item_id itemid "
        "stock_code stockcode goods_id article_id object_id"
    ),
    "click": _words("click clicked is_click is_clicked clicks n_clicks action_name event_type event_name"),
    "position": _words("position pos rank result_position click_position position_ordinal ordinal slot"),
    "shown": _words("impressions shown displays n_impressions times_shown exposures"),
    "search": _words("search_id query_id request_id impression_id serp_id"),
    "rater": _words("rater rater_id annotator annotator_id assessor judge worker_id"),
    "category": _words("category product_class product_category category_name google_product_category product_type"),
    "brand": _words("product_brand brand brand_name manufacturer"),
    "color": _words("product_color product_colour color colour"),
    "bullets": _words("product_bullet_point product_bullet_points bullet_points bullets product_features features"),
}
"""Of judged pairs and of catalogues."""
OF_SEARCHES = ("query", "label", "rater", "click", "position", "shown", "search")
"""What a file of products alone has not."""
MAY_NUMBER_ROWS = ("id", "key")
"""Names of a product's number that are as often the row's."""
LABELS = frozenset(
    _words(
        "label target y class outcome click clicked is_click buy bought purchase purchased conversion "
        "converted visit order ordered response responded churn churned returned spend spent income like "
        "liked subscribed opened install geklickt gekauft umsatz is_fraud default"
    )
)
"""Names of columns of a table that are usually what is to be predicted."""
_ID_LAST = frozenset(
    _words("id ids sku asin ean gtin upc isbn zip zipcode postcode plz code uuid guid phone tel account iban key")
)
_DATED = frozenset(_words("date dates dt datum tag fecha jour giorno data datetime"))
_ID_FIRST = frozenset(("zip", "postal", "postleitzahl"))


def plain_name(name: str) -> str:
    """`Customer ID`, `customerId` and `customer_id:token` are all customer_id."""
    bare = re.sub(r":(token|float|token_seq|float_seq)$", "", name.strip())
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", bare)
    return re.sub(r"[\s.\-/_]+", "_", apart).strip("_").lower()


def names_an_id(name: str) -> bool:
    """Whether a column's name says that its cells are names of things, not amounts."""
    words = plain_name(name).split("_")
    return words[-1] in _ID_LAST or words[0] in _ID_FIRST or words[-1].endswith(("zip", "uuid"))


def names_a_date(name: str) -> bool:
    """Whether a column's name says that its cells are dates."""
    words = plain_name(name).split("_")
    return any(word in _DATED or word.endswith(("date", "datum")) for word in words)


def recognised(columns: Sequence[str], known: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Role → the file's own column, by its name; what is not there is left out, and no column has two roles."""
    by_name: dict[str, str] = {}
    for name in columns:
        by_name.setdefault(name.strip().lower(), name)
        by_name.setdefault(plain_name(name), name)
    for name in columns:  # of an object within an object: event_attributes.object.object_id
        by_name.setdefault(plain_name(name.rpartition(".")[2]), name)
    found: dict[str, str] = {}
    for role, names in known.items():
        own = next((by_name[one] for one in names if one in by_name and by_name[one] not in found.values()), None)
        if own is not None:
            found[role] = own
    return found


def guessed_purpose(columns: Sequence[str]) -> Purpose:
    """What a file is, by the names of its columns."""
    pairs, events = recognised(columns, PAIRS), recognised(columns, EVENTS)
    judged = "query" in pairs and ("label" in pairs or {"click", "position"} <= pairs.keys())
    if judged and ("title" in pairs or "id" in pairs):
        return "pairs"
    if {"user", "item", "time"} <= events.keys():
        return "events"
    if "title" in pairs and not any(plain_name(name) in LABELS for name in columns) and len(columns) <= 12:
        return "catalogue"
    return "table"


def guessed_roles(columns: Sequence[str], purpose: Purpose) -> dict[str, str]:
    """Column → role by its name; columns that no name knows are left out."""
    if purpose == "table":
        return {name: "label" for name in columns if plain_name(name) in LABELS}
    known = EVENTS if purpose == "events" else PAIRS
    found = recognised(columns, known)
    if purpose == "catalogue":
        found = {role: name for role, name in found.items() if role not in OF_SEARCHES}
    return {name: role for role, name in found.items()}
