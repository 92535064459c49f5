"""How people type: 120 queries beside the product that each must find, among titles of the shop and these."""

from __future__ import annotations

from typing import NamedTuple

PRODUCTS = {
    "e01": "Brooks Ghost 15 women's running shoes, blue",
    "e02": "Café Bustelo espresso ground coffee, 10 oz can",
    "e03": "Pioneer DJ DJM-V10 six channel mixer",
    "e04": "Lunch box with ice pack for school",
    "e05": "Organic topsoil for raised garden beds, 20 kg",
    "e06": "12V 100Ah lithium battery with charger",
    "e07": "Crème brûlée torch, refillable butane",
    "e08": "Stainless kitchen knife set with wooden block",
    "e09": "Christmas tree with lights, 7 ft",
    "e10": "Bookshelf with five shelves, walnut",
    "e11": "Umbrella with wooden handle, windproof",
    "e12": "Toothbrush heads, soft bristles, 8 count",
    "e13": "USB-C hub with HDMI, 7-in-1",
    "e14": "Wireless earbuds with noise cancelling case",
    "e15": "Waterproof hiking boots for men, leather",
    "e16": "Sewing machine for beginners, 30 stitches",
    "e17": "Hummingbird feeder, hand blown glass",
    "e18": "Jalapeño hot sauce, small batch",
    "e19": "Vacuum cleaner bags, type HC12",
    "e20": "Peach and cherry jam, 340 g jar",
    "e21": "Photo frame 8x10 inch, black wood",
    "e22": "Watch repair kit with spring bars",
    "e23": "Baby stroller with cup holder",
    "e24": "Dish soap, lavender scent, 1.5 liters",
    "e25": "Camera lens cleaning cloth",
    "e26": "Whiteboard markers, assorted colours",
    "e27": "Painted ceramic flower pot",
    "e28": "Smörgåsbord cookbook, hardcover",
    "e29": "Extension cord, 25 feet, outdoor",
    "e30": "Mechanical keyboard K2 V2 hot-swappable",
    "z01": "小米电视机 55英寸 超清",
    "z02": "机械键盘 青轴 有线",
    "z03": "电动牙刷 成人 软毛",
    "z04": "乐扣保温杯 500毫升",
    "z05": "儿童书包 小学生 减负",
    "z06": "羽绒服 男 冬季 短款",
    "z07": "扫地机器人 自动回充",
    "z08": "空气净化器 除甲醛",
    "z09": "吹风机 大功率 家用",
    "z10": "笔记本电脑 轻薄 14英寸",
    "z11": "登山鞋 防滑 防水 透气",
    "z12": "五常大米 10公斤",
    "z13": "榨汁机 便携式 充电",
    "z14": "投影仪 家用 高清",
    "z15": "不粘平底锅 28厘米",
    "z16": "行车记录仪 夜视",
    "z17": "婴儿推车 可坐可躺",
    "z18": "瑜伽垫 加厚 防滑",
    "z19": "颈椎按摩仪 热敷",
    "z20": "移动硬盘 2TB 高速",
    "z21": "鼠标垫 超大号",
    "z22": "蓝牙音箱 重低音",
    "z23": "遮阳伞 折叠 晴雨两用",
    "z24": "Keychron 无线机械键盘 K2",
    "z25": "普洱茶 357克 熟茶饼",
    "z26": "手电筒 强光 12V 充电",
    "z27": "窗帘 遮光 卧室",
    "z28": "洗发水 去屑 1.5升",
    "z29": "打印机 彩色 Canon",
    "z30": "羊毛围巾 女 秋冬",
}


class Variant(NamedTuple):
    """What was typed, what kind of variant it is, and the key of the product that is meant."""

    typed: str
    kind: str
    product: str


def _read(table: str, kind: str) -> list[Variant]:
    """Lines of a key and what was typed."""
    return [Variant(line[4:].strip(), kind, line[:3]) for line in map(str.strip, table.strip().splitlines())]


ENGLISH = [
    *_read("""e01 runing shoe for woman
              e10 book shelfs
              e08 kitchen knives
              e12 tooth brush head
              e15 hiking boot
              e20 peaches and cherries jams
              e21 photo frames
              e22 watches repair kits
              e25 camera lenses cleaning
              e09 christmas trees
              e23 babies strollers
              e26 white board marker""", "plural"),
    *_read("""e01 runing shoes ghost
              e11 umbrela windproof
              e16 sewng machine
              e14 wireles earbuds
              e15 watterproof hiking boots
              e17 humingbird feeder
              e19 vaccum cleaner bags
              e27 cermaic flower pot
              e23 baby stroler
              e03 pionner mixer
              e09 chirstmas tree
              e24 lavendar dish soap""", "spelling"),
    *_read("""e04 lunchbox ice pack
              e05 top soil garden
              e11 um brella wooden
              e12 toothbrushheads
              e10 book shelf walnut
              e30 key board mechanical
              e14 ear buds noise cancelling
              e17 humming bird feeder
              e15 water proof hiking boots
              e28 cook book smorgasbord
              e29 extensioncord outdoor
              e26 whiteboardmarkers""", "joined"),
    *_read("""e02 Cafe Bustelo
              e02 CAFÉ espresso
              e07 creme brulee torch
              e18 jalapeno sauce
              e28 smorgasbord
              e18 JALAPEÑO""", "accents"),
    *_read("""e03 DJM V10
              e03 djmv10
              e03 DJMV10 mixer
              e06 12 v battery
              e06 12 volt 100 ah
              e05 topsoil 20kg
              e24 soap 1.5L
              e29 cord 25ft
              e02 coffee 10oz
              e30 keyboard K2-V2
              e13 usb c hub 7 in 1
              e21 8 x 10 frame""", "numbers"),
    *_read("""e03 ＤＪＭ－Ｖ１０
              e06 lithium 电池 battery
              e04 lunch box 学校
              e30 ＫＥＹＢＯＡＲＤ mechanical
              e25 相机 lens cloth
              e11 雨伞 windproof umbrella""", "mixed"),
]  # fmt: skip
CHINESE = [
    *_read("""z01 小米電視機
              z01 電視 55吋小米
              z02 機械鍵盤 青軸
              z03 電動牙刷
              z07 掃地機器人
              z08 空氣淨化器
              z10 筆記型電腦 輕薄
              z14 投影儀 家用
              z16 行車記錄儀
              z17 嬰兒推車
              z20 移動硬碟
              z21 滑鼠墊
              z22 藍牙音箱
              z25 普洱茶 熟茶餅""", "script"),
    *_read("""z01 小米电视鸡
              z02 机械健盘
              z03 电动牙涮
              z06 羽绒福 短款
              z07 扫地机器任
              z09 吹风几
              z11 登山写
              z13 炸汁机
              z14 投影义
              z18 瑜珈垫
              z19 颈椎按魔仪
              z27 窗连 遮光""", "spelling"),
    *_read("""z02 机械 键盘
              z03 电动 牙刷
              z05 儿童 书包
              z07 扫地 机器人
              z10 笔记本 电脑
              z18 瑜伽 垫
              z23 遮 阳 伞
              z09 吹 风机
              z21 鼠标 垫
              z06 羽绒服男冬季短款
              z22 蓝牙音箱重低音
              z30 羊毛围巾女""", "joined"),
    *_read("""z04 保温杯500ml
              z04 保温杯 500 毫升
              z12 大米 10kg
              z12 五常大米10千克
              z15 平底锅28cm
              z10 笔记本电脑 14寸
              z01 小米电视机 55 寸
              z20 移动硬盘2 tb
              z25 普洱茶357g
              z26 手电筒 12伏
              z28 洗发水1.5L
              z24 无线键盘 k2""", "numbers"),
    *_read("""z24 keychron 键盘
              z29 canon 打印机
              z29 Cannon打印机
              z24 ＫＥＹＣＨＲＯＮ 键盘
              z20 硬盘 2TB portable
              z04 保温杯 cup
              z18 瑜伽垫 yoga
              z22 bluetooth 蓝牙音箱
              z16 行车记录仪 camera
              z27 curtain 窗帘 遮光""", "mixed"),
]  # fmt: skip
