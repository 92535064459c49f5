-- One row a household, category and week: will the household buy that category in that week?
-- Views given: transactions, products, promotions, coupons, campaigns, campaign_descriptions, demographics.
-- Every feature is of weeks before the row's week, except what is announced for the week itself: displays, mailers
-- and the campaigns that the household was sent.

-- a category belongs to the department of most of its products
CREATE TABLE home AS
SELECT category, department FROM (
    SELECT product_category AS category, coalesce(department, '') AS department,
        row_number() OVER (PARTITION BY product_category ORDER BY count(*) DESC, coalesce(department, '')) AS place
    FROM products WHERE product_category IS NOT NULL GROUP BY product_category, coalesce(department, ''))
WHERE place = 1;

CREATE TABLE item AS
SELECT product_id, category, home.department, brand = 'Private' AS private
FROM products JOIN home ON category = product_category;

CREATE TABLE line AS
SELECT household_id AS h, i.category, i.department, product_id, store_id, basket_id, week, sales_value AS spend,
    retail_disc > 0 AS promo, i.private, coupon_disc > 0 OR coupon_match_disc > 0 AS coupon
FROM transactions JOIN item i USING (product_id);

CREATE TABLE bought AS
SELECT h, category, any_value(department) AS department, week, sum(spend) AS spend, count(*) AS lines,
    max(promo::INT) AS promo, max(private::INT) AS private, max(coupon::INT) AS coupon
FROM line GROUP BY h, category, week;

CREATE TABLE asked AS SELECT unnest(range(43, 50)) AS week;

-- the household and the category: what was bought when
CREATE TABLE pair AS
SELECT b.h, b.category, a.week,
    a.week - max(b.week) AS since,
    a.week - min(b.week) AS age,
    count(*) FILTER (b.week = a.week - 1) AS n1,
    count(*) FILTER (b.week = a.week - 2) AS n2,
    count(*) FILTER (b.week = a.week - 3) AS n3,
    count(*) FILTER (b.week >= a.week - 4) AS n4,
    count(*) FILTER (b.week >= a.week - 8) AS n8,
    count(*) FILTER (b.week >= a.week - 13) AS n13,
    count(*) FILTER (b.week >= a.week - 26) AS n26,
    count(*) AS n_all,
    max(b.week) FILTER (b.week >= a.week - 26) - min(b.week) FILTER (b.week >= a.week - 26) AS span26,
    sum(b.spend) FILTER (b.week >= a.week - 26) AS spend26,
    sum(b.lines) FILTER (b.week >= a.week - 26) AS lines26,
    sum(b.promo) FILTER (b.week >= a.week - 26) AS promo26,
    sum(b.private) FILTER (b.week >= a.week - 26) AS private26,
    sum(b.coupon) AS coupons,
    arg_max(b.promo, b.week) AS last_promo,
    arg_max(b.private, b.week) AS last_private,
    arg_max(b.spend, b.week) AS last_spend
FROM bought b JOIN asked a ON b.week < a.week
GROUP BY b.h, b.category, a.week
HAVING max(b.week) >= a.week - 26;

-- the household: how often, how much, how eager for promotions
CREATE TABLE visit AS
SELECT h, week, sum(spend) AS spend, count(DISTINCT basket_id) AS trips, count(DISTINCT category) AS kinds,
    avg(promo::INT) AS promo, avg(private::INT) AS private, max(coupon::INT) AS coupon, count(*) AS lines
FROM line GROUP BY h, week;

CREATE TABLE household AS
SELECT v.h, a.week,
    a.week - max(v.week) AS since_visit,
    count(*) FILTER (v.week >= a.week - 4) AS visits4,
    count(*) FILTER (v.week >= a.week - 13) AS visits13,
    count(*) FILTER (v.week >= a.week - 26) AS visits26,
    coalesce(sum(v.trips) FILTER (v.week >= a.week - 4), 0) AS trips4,
    coalesce(sum(v.trips) FILTER (v.week >= a.week - 13), 0) AS trips13,
    coalesce(sum(v.spend) FILTER (v.week >= a.week - 4), 0) AS spend4,
    coalesce(sum(v.spend) FILTER (v.week >= a.week - 13), 0) AS spend13,
    coalesce(sum(v.kinds) FILTER (v.week = a.week - 1), 0) AS kinds1,
    coalesce(sum(v.kinds) FILTER (v.week >= a.week - 4), 0) AS kinds4,
    coalesce(sum(v.kinds) FILTER (v.week >= a.week - 13), 0) AS kinds13,
    avg(v.promo) FILTER (v.week >= a.week - 26) AS promo_share,
    avg(v.private) FILTER (v.week >= a.week - 26) AS private_share,
    sum(v.coupon) AS coupon_weeks,
    coalesce(sum(v.coupon) FILTER (v.week >= a.week - 8), 0) AS coupon_weeks8
FROM visit v JOIN asked a ON v.week < a.week
GROUP BY v.h, a.week;

CREATE TABLE store AS
SELECT h, week, store FROM (
    SELECT l.h, a.week, store_id AS store, row_number() OVER (PARTITION BY l.h, a.week ORDER BY count(*) DESC, store_id) AS place
    FROM line l JOIN asked a ON l.week < a.week AND l.week >= a.week - 13
    GROUP BY l.h, a.week, store_id)
WHERE place = 1;

CREATE TABLE department AS
SELECT b.h, b.department, a.week, a.week - max(b.week) AS department_since,
    count(*) FILTER (b.week >= a.week - 4) AS department4
FROM bought b JOIN asked a ON b.week < a.week
GROUP BY b.h, b.department, a.week;

-- the category: how popular lately
CREATE TABLE category AS
SELECT b.category, a.week,
    count(*) FILTER (b.week = a.week - 1) AS buyers1,
    count(*) FILTER (b.week >= a.week - 4) / 4 AS buyers4,
    count(*) FILTER (b.week >= a.week - 13) / 13 AS buyers13,
    count(*) / (a.week - 1) AS buyers,
    avg(b.promo) FILTER (b.week >= a.week - 4) AS category_promo4,
    avg(b.promo) AS category_promo,
    avg(b.private) FILTER (b.week >= a.week - 13) AS category_private,
    avg(b.coupon) FILTER (b.week >= a.week - 13) AS category_coupon,
    avg(b.spend) AS category_spend
FROM bought b JOIN asked a ON b.week < a.week
GROUP BY b.category, a.week;

CREATE TABLE regular AS  -- of the households that ever bought it, how large a share buys it in a week
SELECT category, week, avg(n13 / 13) AS category_rate, avg((n1 > 0)::INT) AS category_rate1 FROM pair GROUP BY category, week;

-- what is announced for the week
CREATE TABLE announced AS
SELECT product_id, store_id, week, display_location <> '0' AS display, mailer_location <> '0' AS mailer,
    mailer_location IN ('A', 'F', 'H', 'L') AS front
FROM promotions WHERE week BETWEEN 43 AND 49;

CREATE TABLE announced_everywhere AS
SELECT i.category, week, count(DISTINCT product_id) FILTER (display) AS displays,
    count(DISTINCT product_id) FILTER (mailer) AS mailers, count(DISTINCT product_id) FILTER (front) AS fronts
FROM announced JOIN item i USING (product_id) GROUP BY i.category, week;

CREATE TABLE announced_here AS
SELECT i.category, store_id AS store, week, count(*) FILTER (display) AS displays_here,
    count(*) FILTER (mailer) AS mailers_here
FROM announced JOIN item i USING (product_id) GROUP BY i.category, store_id, week;

CREATE TABLE announced_product AS
SELECT product_id, week, max(display::INT) AS display, max(mailer::INT) AS mailer
FROM announced GROUP BY product_id, week;

CREATE TABLE own_product AS  -- the household's own products of the category, and those announced this week
SELECT l.h, l.category, a.week, count(*) AS own_products, sum(l.times) AS own_times,
    coalesce(sum(p.display), 0) AS own_displays, coalesce(sum(p.mailer), 0) AS own_mailers,
    coalesce(sum(l.times * p.mailer), 0) / sum(l.times) AS own_mailer_share
FROM asked a
JOIN (SELECT h, category, product_id, a.week AS asked_week, count(*) AS times
      FROM line l JOIN asked a ON l.week < a.week AND l.week >= a.week - 26
      GROUP BY h, category, product_id, a.week) l ON l.asked_week = a.week
LEFT JOIN announced_product p ON p.product_id = l.product_id AND p.week = a.week
GROUP BY l.h, l.category, a.week;

CREATE TABLE sent AS  -- campaigns that the household was sent and that run in the week
SELECT household_id AS h, a.week, campaign_id, campaign_type
FROM campaigns JOIN campaign_descriptions USING (campaign_id)
JOIN asked a ON start_date <= TIMESTAMP '2017-01-08' + to_days(7 * (a.week - 2)::INT)
    AND end_date >= TIMESTAMP '2017-01-02' + to_days(7 * (a.week - 2)::INT);

CREATE TABLE campaign AS
SELECT h, week, count(*) AS campaigns, count(*) FILTER (campaign_type = 'Type A') AS campaigns_a FROM sent GROUP BY h, week;

CREATE TABLE covered AS
SELECT campaign_id, i.category, count(DISTINCT coupon_upc) AS upcs, count(DISTINCT product_id) AS goods
FROM coupons JOIN item i USING (product_id) GROUP BY campaign_id, i.category;

CREATE TABLE offer AS
SELECT h, week, category, sum(upcs) AS offers, sum(goods) AS offer_goods FROM sent JOIN covered USING (campaign_id)
GROUP BY h, week, category;

-- numbers for names: 0 stays free for unseen or missing
CREATE TABLE category_id AS
SELECT category, any_value(department) AS department, row_number() OVER (ORDER BY category) AS id,
    dense_rank() OVER (ORDER BY any_value(department)) AS department_id
FROM item GROUP BY category;
CREATE TABLE household_id AS SELECT h, row_number() OVER (ORDER BY h) AS id FROM (SELECT DISTINCT h FROM line WHERE week < 49);
CREATE TABLE store_id AS SELECT store, row_number() OVER (ORDER BY store) AS id FROM (SELECT DISTINCT store FROM store);
CREATE TABLE person AS
SELECT household_id AS h,
    CASE WHEN age IS NULL THEN 0 ELSE dense_rank() OVER (ORDER BY age NULLS LAST) END AS age_band,
    CASE WHEN income IS NULL THEN 0 ELSE dense_rank() OVER (ORDER BY income NULLS LAST) END AS income,
    CASE WHEN home_ownership IS NULL THEN 0 ELSE dense_rank() OVER (ORDER BY home_ownership NULLS LAST) END AS home,
    CASE WHEN marital_status IS NULL THEN 0 ELSE dense_rank() OVER (ORDER BY marital_status NULLS LAST) END AS marital,
    CASE WHEN household_size IS NULL THEN 0 ELSE dense_rank() OVER (ORDER BY household_size NULLS LAST) END AS size,
    CASE WHEN household_comp IS NULL THEN 0 ELSE dense_rank() OVER (ORDER BY household_comp NULLS LAST) END AS composition,
    CASE WHEN kids_count IS NULL THEN 0 ELSE dense_rank() OVER (ORDER BY kids_count NULLS LAST) END AS kids
FROM demographics;

CREATE TABLE result AS
SELECT
    hid.id AS household, cid.id AS category, cid.department_id AS department, coalesce(sid.id, 0) AS store,
    p.since AS weeks_since, least(p.n26, 26) AS weeks_bought,
    coalesce(age_band, 0) AS age_band, coalesce(income, 0) AS income, coalesce(home, 0) AS home,
    coalesce(marital, 0) AS marital, coalesce(size, 0) AS size, coalesce(composition, 0) AS composition,
    coalesce(kids, 0) AS kids,
    ln(1 + since) AS recency, ln(1 + p.age) AS known_since, n1::INT AS last_week, n2::INT AS two_weeks_ago,
    n3::INT AS three_weeks_ago, ln(1 + n4) AS bought4, ln(1 + n8) AS bought8, ln(1 + n13) AS bought13,
    ln(1 + n26) AS bought26, n_all / (p.week - 1) AS rate, n13 / greatest(visits13, 1) AS rate_of_visits,
    n26 / greatest(visits26, 1) AS rate_of_visits26,
    CASE WHEN n26 > 1 THEN ln(span26 / (n26 - 1)) END AS interval,
    CASE WHEN n26 > 1 THEN ln(1 + since * (n26 - 1) / span26) END AS due,
    ln(1 + greatest(spend26, 0)) AS spent26, ln(1 + greatest(spend26, 0) / n26) AS spent_each,
    ln(1 + greatest(last_spend, 0)) AS spent_last, ln(1 + lines26 / n26) AS lines_each,
    spend26 / n26 / greatest(category_spend, 0.1) AS spent_to_usual,
    promo26 / n26 AS promo_share, ln(1 + promo26) AS promos, last_promo::INT AS last_promo,
    private26 / n26 AS private_share, ln(1 + private26) AS privates, last_private::INT AS last_private,
    ln(1 + coupons) AS coupons,
    ln(1 + since_visit) AS visit_recency, visits4::INT AS visits4, visits13::INT AS visits13, ln(1 + trips4) AS trips4,
    ln(1 + trips13) AS trips13, ln(1 + greatest(spend4, 0)) AS spend4, ln(1 + greatest(spend13, 0)) AS spend13,
    ln(1 + kinds1) AS kinds1, ln(1 + kinds4) AS kinds4, ln(1 + kinds13) AS kinds13,
    hh.promo_share AS household_promo, hh.private_share AS household_private, ln(1 + coupon_weeks) AS coupon_weeks,
    ln(1 + coupon_weeks8) AS coupon_weeks8, ln(1 + department_since) AS department_recency,
    ln(1 + department4) AS department4,
    ln(1 + buyers1) AS buyers1, ln(1 + buyers4) AS buyers4, ln(1 + buyers13) AS buyers13, ln(1 + buyers) AS buyers,
    ln((1 + buyers1) / (1 + buyers13)) AS trend, category_promo4, category_promo, category_private, category_coupon,
    ln(0.1 + category_spend) AS category_spend, category_rate, category_rate1,
    ln(1 + coalesce(displays, 0)) AS displays, ln(1 + coalesce(mailers, 0)) AS mailers,
    ln(1 + coalesce(fronts, 0)) AS fronts, ln(1 + coalesce(displays_here, 0)) AS displays_here,
    ln(1 + coalesce(mailers_here, 0)) AS mailers_here, ln(1 + own_products) AS own_products,
    ln(1 + own_displays) AS own_displays, ln(1 + own_mailers) AS own_mailers, own_mailer_share,
    coalesce(campaigns, 0)::INT AS campaigns, coalesce(campaigns_a, 0)::INT AS campaigns_a,
    ln(1 + coalesce(offers, 0)) AS offers, ln(1 + coalesce(offer_goods, 0)) AS offer_goods,
    (b.h IS NOT NULL)::INT AS bought, coalesce(b.promo, 0) AS bought_promo, coalesce(b.private, 0) AS bought_private,
    coalesce(b.coupon, 0) AS used_coupon, CASE WHEN b.h IS NOT NULL THEN ln(1 + greatest(b.spend, 0)) END AS log_spend,
    p.week AS week, CASE WHEN p.week <= 47 THEN 0 WHEN p.week = 48 THEN 1 ELSE 2 END::UTINYINT AS precedence_split
FROM pair p
JOIN household hh USING (h, week)
JOIN category_id cid ON cid.category = p.category
JOIN household_id hid ON hid.h = p.h
JOIN category c ON c.category = p.category AND c.week = p.week
JOIN regular r ON r.category = p.category AND r.week = p.week
LEFT JOIN department d ON d.h = p.h AND d.department = cid.department AND d.week = p.week
LEFT JOIN store s ON s.h = p.h AND s.week = p.week
LEFT JOIN store_id sid ON sid.store = s.store
LEFT JOIN announced_everywhere e ON e.category = p.category AND e.week = p.week
LEFT JOIN announced_here f ON f.category = p.category AND f.store = s.store AND f.week = p.week
LEFT JOIN own_product o ON o.h = p.h AND o.category = p.category AND o.week = p.week
LEFT JOIN campaign g ON g.h = p.h AND g.week = p.week
LEFT JOIN offer ON offer.h = p.h AND offer.category = p.category AND offer.week = p.week
LEFT JOIN person q ON q.h = p.h
LEFT JOIN bought b ON b.h = p.h AND b.category = p.category AND b.week = p.week;
