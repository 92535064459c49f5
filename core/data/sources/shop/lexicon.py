"""What the simulated shop sells: departments, groups and leaf categories with their nouns in two languages.

A line of LEAVES is  department | group | English nouns | Chinese nouns | price | attributes | accessory of.
The first noun is the usual one, the others are synonyms: a title uses one of them and a query often another. `price`
is the median in yuan, `attributes` name the pools in `words` that fit, and an accessory names the leaf whose nouns
its titles contain ("case for phone"): it shares words with that leaf and answers none of its queries.
"""

from __future__ import annotations

DEPARTMENTS = {
    "home": "家居",
    "electronics": "数码电器",
    "fashion": "服饰鞋包",
    "kitchen": "厨房用品",
    "family": "母婴玩具",
    "sports": "运动户外",
    "beauty": "美妆个护",
    "food": "食品",
    "leisure": "宠物园艺文具",
}

GROUPS = {
    "living room": "客厅",
    "bedroom": "卧室",
    "lighting": "灯饰",
    "phones": "手机通讯",
    "computers": "电脑办公",
    "audio": "影音",
    "cameras": "摄影",
    "clothes": "服装",
    "shoes": "鞋靴",
    "bags": "箱包配饰",
    "cookware": "锅具刀具",
    "appliances": "小家电",
    "tableware": "餐具水具",
    "baby care": "婴儿护理",
    "travel with children": "儿童出行",
    "toys": "玩具",
    "cycling": "骑行",
    "fitness": "健身",
    "camping": "露营",
    "make-up": "彩妆",
    "skin care": "护肤",
    "hair": "美发",
    "snacks": "零食",
    "drinks": "饮品",
    "staples": "粮油",
    "pets": "宠物",
    "garden": "园艺",
    "stationery": "文具",
}

LEAVES = """
home | living room | sofa, couch, settee | 沙发, 长沙发椅 | 2200 | colour fabric room |
home | living room | sofa cover, couch slipcover | 沙发套, 沙发罩 | 150 | colour fabric room | sofa
home | living room | coffee table, tea table | 茶几, 矮桌 | 600 | colour hard room |
home | living room | bookcase, bookshelf | 书架, 书柜 | 480 | colour hard room |
home | living room | rug, carpet | 地毯, 毯垫 | 320 | colour fabric room |
home | bedroom | bed frame, bedstead | 床架, 床具 | 1500 | colour hard room |
home | bedroom | mattress, bed pad | 床垫, 睡垫 | 1300 | fabric room comfort |
home | bedroom | mattress protector, bed pad cover | 床笠, 床垫保护罩 | 120 | colour fabric | mattress
home | bedroom | wardrobe, closet, armoire | 衣柜, 衣橱 | 1400 | colour hard room |
home | bedroom | pillow, cushion | 枕头, 靠枕 | 90 | colour fabric comfort |
home | bedroom | quilt, duvet, comforter | 被子, 被褥 | 330 | colour fabric comfort |
home | lighting | floor lamp, standing light | 落地灯, 立灯 | 260 | colour hard room |
home | lighting | desk lamp, reading light | 台灯, 阅读灯 | 130 | colour smart |
home | lighting | lampshade, light cover for desk lamp | 灯罩, 台灯罩 | 60 | colour fabric | desk lamp
home | lighting | curtain, drape | 窗帘, 帘子 | 210 | colour fabric room |
electronics | phones | phone, smartphone, mobile | 手机, 移动电话, 智能机 | 2600 | colour smart memory |
electronics | phones | phone case, smartphone cover | 手机壳, 手机保护套 | 40 | colour soft audience | phone
electronics | phones | charger, power adapter | 充电器, 电源适配器 | 80 | colour smart | phone
electronics | phones | smart watch, wrist tracker | 智能手表, 运动手环 | 700 | colour smart audience |
electronics | computers | laptop, notebook computer | 笔记本电脑, 手提电脑 | 4600 | colour memory smart |
electronics | computers | laptop bag, notebook computer sleeve | 电脑包, 笔记本电脑内胆包 | 120 | colour soft | laptop
electronics | computers | tablet, touch pad computer | 平板电脑, 平板 | 2100 | colour memory smart |
electronics | computers | keyboard, typing board | 键盘, 打字键盘 | 180 | colour smart |
electronics | computers | monitor, computer screen | 显示器, 电脑屏幕 | 1100 | colour smart |
electronics | audio | headphones, earphones, headset | 耳机, 耳麦 | 300 | colour smart |
electronics | audio | headphone stand, headset holder | 耳机架, 耳麦支架 | 45 | colour hard | headphones
electronics | audio | speaker, sound box | 音箱, 音响 | 350 | colour smart |
electronics | audio | television, TV set | 电视机, 彩电 | 2900 | smart room |
electronics | cameras | camera, photo machine | 相机, 照相机 | 3800 | colour smart memory |
electronics | cameras | camera strap, photo machine sling | 相机背带, 照相机肩带 | 55 | colour soft | camera
electronics | cameras | tripod, three-leg stand | 三脚架, 三角支架 | 160 | hard portable |
fashion | clothes | dress, gown, frock | 连衣裙, 长裙 | 240 | colour fabric women season |
fashion | clothes | coat, overcoat | 大衣, 外套 | 480 | colour fabric audience season |
fashion | clothes | sweater, jumper, pullover | 毛衣, 针织衫 | 190 | colour fabric audience season |
fashion | clothes | trousers, pants, slacks | 裤子, 长裤 | 160 | colour fabric audience season |
fashion | clothes | shirt, blouse | 衬衫, 衬衣 | 140 | colour fabric audience season |
fashion | clothes | clothes hanger, coat hanger | 衣架, 大衣架 | 30 | colour hard | coat
fashion | shoes | sneakers, trainers, running shoes | 运动鞋, 跑步鞋 | 330 | colour soft audience |
fashion | shoes | boots, high shoes | 靴子, 长靴 | 360 | colour soft audience season |
fashion | shoes | sandals, open shoes | 凉鞋, 露趾鞋 | 130 | colour soft audience |
fashion | shoes | shoe laces, sneakers laces | 鞋带, 运动鞋鞋带 | 15 | colour | sneakers
fashion | bags | handbag, purse | 手提包, 女包 | 420 | colour soft women |
fashion | bags | suitcase, trolley case | 行李箱, 拉杆箱 | 380 | colour hard travel |
fashion | bags | suitcase cover, luggage sleeve for suitcase | 箱套, 行李箱保护套 | 50 | colour soft | suitcase
fashion | bags | sunglasses, shades | 太阳镜, 墨镜 | 170 | colour audience |
fashion | bags | scarf, shawl | 围巾, 披肩 | 110 | colour fabric audience season |
kitchen | cookware | frying pan, skillet | 煎锅, 平底锅 | 170 | metal coating |
kitchen | cookware | pan lid, skillet cover | 锅盖, 平底锅盖 | 40 | metal | frying pan
kitchen | cookware | soup pot, stew pot | 汤锅, 炖锅 | 230 | metal coating |
kitchen | cookware | kitchen knife, chef blade | 菜刀, 厨刀 | 130 | metal |
kitchen | appliances | kettle, water boiler | 水壶, 烧水壶 | 120 | colour metal smart |
kitchen | appliances | blender, liquidiser | 榨汁机, 搅拌机 | 220 | colour smart |
kitchen | appliances | rice cooker, rice steamer | 电饭煲, 电饭锅 | 320 | colour smart |
kitchen | appliances | vacuum cleaner, hoover | 吸尘器, 除尘机 | 760 | colour smart |
kitchen | appliances | vacuum cleaner bag, hoover dust bag | 尘袋, 吸尘器集尘袋 | 35 | soft | vacuum cleaner
kitchen | tableware | mug, drinking cup | 马克杯, 水杯 | 45 | colour ceramic audience |
kitchen | tableware | dinner plate, serving dish | 餐盘, 盘子 | 60 | colour ceramic |
kitchen | tableware | lunch box, bento box | 饭盒, 便当盒 | 70 | colour ceramic portable |
family | baby care | nappies, diapers | 纸尿裤, 尿不湿 | 110 | comfort baby |
family | baby care | feeding bottle, baby bottle | 奶瓶, 婴儿水瓶 | 75 | colour baby |
family | baby care | bottle brush, feeding bottle cleaner | 奶瓶刷, 奶瓶清洁刷 | 25 | colour | feeding bottle
family | travel with children | pushchair, stroller, pram | 婴儿车, 手推车 | 850 | colour baby travel |
family | travel with children | rain cover for pushchair, stroller hood | 雨罩, 婴儿车雨罩 | 55 | soft | pushchair
family | travel with children | car seat, child safety seat | 安全座椅, 儿童座椅 | 950 | colour baby |
family | toys | building blocks, toy bricks | 积木, 拼装玩具 | 140 | colour kids |
family | toys | doll, toy figure | 娃娃, 玩偶 | 95 | colour kids |
family | toys | doll dress, clothes for toy figure | 娃娃衣服, 玩偶服装 | 35 | colour fabric | doll
family | toys | jigsaw, puzzle | 拼图, 拼板 | 60 | kids |
sports | cycling | bicycle, bike | 自行车, 单车 | 1200 | colour metal audience |
sports | cycling | bike lock, bicycle chain lock | 车锁, 自行车锁 | 60 | metal | bicycle
sports | cycling | helmet, head guard | 头盔, 安全帽 | 180 | colour audience |
sports | fitness | yoga mat, exercise mat | 瑜伽垫, 健身垫 | 90 | colour soft comfort |
sports | fitness | yoga mat strap, exercise mat bag | 瑜伽垫绑带, 瑜伽垫收纳袋 | 25 | colour soft | yoga mat
sports | fitness | dumbbell, hand weight | 哑铃, 手铃 | 130 | metal |
sports | fitness | treadmill, running machine | 跑步机, 走步机 | 2100 | smart travel |
sports | camping | tent, camping shelter | 帐篷, 露营棚 | 450 | colour travel portable |
sports | camping | tent pegs, stakes for tent | 地钉, 帐篷钉 | 25 | metal | tent
sports | camping | backpack, rucksack | 背包, 双肩包 | 220 | colour soft audience travel |
sports | camping | sleeping bag, camp bedding | 睡袋, 露营被 | 190 | colour fabric season |
beauty | make-up | lipstick, lip colour | 口红, 唇膏 | 130 | colour skin |
beauty | make-up | foundation, base make-up | 粉底液, 底妆 | 180 | skin |
beauty | make-up | make-up brush, foundation brush | 化妆刷, 粉底刷 | 50 | soft | foundation
beauty | skin care | face cream, moisturiser | 面霜, 保湿霜 | 210 | skin audience |
beauty | skin care | sunscreen, sun cream | 防晒霜, 防晒乳 | 120 | skin audience |
beauty | skin care | face mask, beauty mask | 面膜, 贴片面膜 | 85 | skin |
beauty | hair | shampoo, hair wash | 洗发水, 洗头膏 | 65 | hair audience |
beauty | hair | hair dryer, blow dryer | 吹风机, 电吹风 | 240 | colour smart |
beauty | hair | hair dryer holder, blow dryer rack | 吹风机架, 电吹风支架 | 35 | hard | hair dryer
food | snacks | biscuits, cookies | 饼干, 曲奇 | 28 | flavour pack |
food | snacks | nuts, kernels | 坚果, 果仁 | 55 | flavour pack |
food | snacks | sweets, candy | 糖果, 软糖 | 25 | flavour pack |
food | drinks | coffee, coffee beans | 咖啡, 咖啡豆 | 70 | flavour pack |
food | drinks | coffee filter, paper for coffee | 咖啡滤纸, 咖啡过滤纸 | 20 | pack | coffee
food | drinks | tea, tea leaves | 茶叶, 茗茶 | 110 | flavour pack |
food | drinks | fruit juice, fruit drink | 果汁, 果味饮料 | 40 | flavour pack |
food | staples | noodles, pasta | 面条, 意面 | 30 | pack |
food | staples | rice, white grain | 大米, 香米 | 65 | pack |
food | staples | cooking oil, frying oil | 食用油, 炒菜油 | 80 | pack |
leisure | pets | cat food, kitty meal | 猫粮, 猫咪主食 | 90 | flavour pack |
leisure | pets | dog food, puppy meal | 狗粮, 犬粮 | 110 | flavour pack |
leisure | pets | food bowl for dog, dog food scoop | 狗粮碗, 狗粮勺 | 30 | colour ceramic | dog food
leisure | pets | dog lead, leash | 牵引绳, 遛狗绳 | 45 | colour soft |
leisure | garden | flower pot, planter | 花盆, 种植盆 | 40 | colour ceramic |
leisure | garden | garden hose, watering pipe | 浇花水管, 花园软管 | 85 | portable |
leisure | garden | hose reel, holder for garden hose | 水管架, 浇花水管收纳架 | 70 | metal | garden hose
leisure | stationery | pen, ballpoint | 钢笔, 签字笔 | 35 | colour pack |
leisure | stationery | notebook, notepad, jotter | 笔记本, 记事本 | 25 | colour soft |
leisure | stationery | pencil case, pen pouch | 笔袋, 文具盒 | 30 | colour soft kids | pen
"""
