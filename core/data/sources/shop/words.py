"""Words that titles and queries are made of beside the nouns: attributes, brands, bait.

A pool maps an English attribute word to (other English forms, Chinese form, other Chinese forms).
"""

from __future__ import annotations

Pool = dict[str, tuple[tuple[str, ...], str, tuple[str, ...]]]

POOLS: dict[str, Pool] = {
    "colour": {
        "black": (("jet",), "黑色", ("墨黑",)),
        "white": (("ivory",), "白色", ("米白",)),
        "grey": (("gray",), "灰色", ("银灰",)),
        "red": (("crimson",), "红色", ("酒红",)),
        "blue": (("navy",), "蓝色", ("藏青",)),
        "green": (("olive",), "绿色", ("墨绿",)),
        "pink": (("rose",), "粉色", ("玫瑰粉",)),
        "yellow": (("amber",), "黄色", ("姜黄",)),
        "brown": (("tan",), "棕色", ("咖色",)),
        "purple": (("violet",), "紫色", ("香芋紫",)),
    },
    "fabric": {
        "cotton": ((), "纯棉", ("全棉",)),
        "linen": (("flax",), "亚麻", ()),
        "wool": (("woollen",), "羊毛", ()),
        "velvet": (("plush",), "天鹅绒", ("绒面",)),
        "silk": (("satin",), "真丝", ("丝绸",)),
    },
    "hard": {
        "oak": (("wooden",), "橡木", ("实木",)),
        "pine": ((), "松木", ()),
        "bamboo": ((), "竹制", ()),
        "glass": ((), "玻璃", ()),
        "steel": (("metal",), "钢制", ("金属",)),
    },
    "soft": {
        "leather": (("hide",), "真皮", ("牛皮",)),
        "canvas": ((), "帆布", ()),
        "nylon": ((), "尼龙", ()),
        "rubber": ((), "橡胶", ()),
    },
    "metal": {
        "stainless": (("rustproof",), "不锈钢", ("不锈",)),
        "cast iron": (("iron",), "铸铁", ()),
        "aluminium": (("alloy",), "铝合金", ("铝制",)),
        "titanium": ((), "钛", ()),
    },
    "ceramic": {
        "porcelain": (("china",), "陶瓷", ("瓷器",)),
        "stoneware": ((), "粗陶", ()),
        "glazed": ((), "釉面", ()),
        "plastic": ((), "塑料", ()),
    },
    "coating": {"non-stick": (("coated",), "不粘", ()), "enamel": ((), "珐琅", ())},
    "smart": {
        "wireless": (("cordless",), "无线", ()),
        "fast": (("quick",), "快速", ("高速",)),
        "portable": (("mini",), "便携", ("迷你",)),
        "quiet": (("silent",), "静音", ("低噪",)),
        "smart": (("intelligent",), "智能", ()),
    },
    "memory": {
        "64GB": ((), "64G内存", ()),
        "128GB": ((), "128G内存", ()),
        "256GB": ((), "256G内存", ()),
    },
    "room": {
        "modern": (("contemporary",), "现代", ("简约",)),
        "rustic": (("country style",), "田园", ("乡村",)),
        "large": (("big",), "大号", ("加大",)),
        "small": (("compact",), "小号", ("小户型",)),
    },
    "comfort": {
        "soft": (("gentle",), "柔软", ("亲肤",)),
        "firm": ((), "偏硬", ()),
        "breathable": (("airy",), "透气", ()),
    },
    "audience": {
        "men": (("gents",), "男士", ("男款",)),
        "women": (("ladies",), "女士", ("女款",)),
        "kids": (("children",), "儿童", ("小孩",)),
        "elderly": (("seniors",), "老人", ("中老年",)),
    },
    "women": {"women": (("ladies",), "女士", ("女款",)), "girls": ((), "少女", ())},
    "kids": {"kids": (("children",), "儿童", ("小孩",)), "toddler": (("infant",), "幼儿", ("宝宝",))},
    "baby": {"newborn": (("infant",), "新生儿", ("宝宝",)), "toddler": ((), "幼儿", ())},
    "season": {
        "winter": (("warm",), "冬季", ("保暖",)),
        "summer": (("light",), "夏季", ("轻薄",)),
        "autumn": (("fall",), "秋季", ("秋款",)),
    },
    "travel": {"foldable": (("folding",), "折叠", ()), "waterproof": (("rainproof",), "防水", ("防雨",))},
    "portable": {"lightweight": (("light",), "轻便", ()), "sturdy": (("strong",), "结实", ("加固",))},
    "skin": {
        "hydrating": (("moist",), "补水", ("滋润",)),
        "natural": (("organic",), "天然", ("有机",)),
        "sensitive": (("mild",), "敏感肌", ("温和",)),
    },
    "hair": {"anti-dandruff": (("flake control",), "去屑", ()), "volume": ((), "蓬松", ())},
    "flavour": {
        "chocolate": (("cocoa",), "巧克力味", ("可可",)),
        "salted": (("savoury",), "咸味", ()),
        "original": (("classic",), "原味", ("经典",)),
        "fruity": ((), "水果味", ()),
    },
    "pack": {"family pack": (("bulk",), "家庭装", ("量贩",)), "gift box": (("present",), "礼盒", ("送礼",))},
}

FACETS = {
    "colour": ("colour",),
    "material": ("fabric", "hard", "soft", "metal", "ceramic", "coating"),
    "audience": ("audience", "women", "kids", "baby", "skin", "hair"),
    "style": ("smart", "memory", "room", "comfort", "season", "travel", "portable", "flavour", "pack"),
}
"""What a catalogue's filters would be called, and the pools behind each."""

SYLLABLES = (
    ("nor", "诺"), ("vel", "维"), ("la", "拉"), ("ki", "奇"), ("mo", "莫"), ("ten", "腾"), ("su", "苏"), ("ra", "瑞"),
    ("bel", "贝"), ("do", "多"), ("fan", "梵"), ("lu", "璐"), ("zer", "泽"), ("ko", "科"), ("mi", "米"), ("tal", "塔"),
    ("yu", "优"), ("han", "翰"), ("pe", "佩"), ("gri", "格"), ("sha", "莎"), ("win", "温"), ("jo", "乔"), ("qua", "夸"),
)  # fmt: skip
"""Brand names are three of these, in Latin letters and in characters: invented, and readable in both languages."""

BAIT = {
    "en": ("hot sale", "viral", "must have", "last chance", "free gift", "best ever", "shock price", "clearance"),
    "zh": ("爆款", "网红", "限时抢购", "秒杀", "买一送一", "全网最低", "清仓", "疯抢"),
}
"""What clickbait titles add."""

SHOP_KINDS = (("flagship store", "旗舰店"), ("outlet", "奥莱店"), ("corner shop", "小铺"), ("direct", "直营店"))
