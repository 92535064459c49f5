// What the server says of a search.

/** A piece of a title: its text, how much the words there carry, and their colour. */
export type TitlePiece = [string, number, string | null]

/** A word of the query in one product. */
export interface Word {
  /** Number of the word in the vocabulary. */
  term: number
  word: string
  kind: string
  /** How the product comes to hold it: in the title, inferred, missing … */
  match: string
  colour: string
  /** Where an expansion comes from. */
  source: string
  source_known: boolean
  role: string
  factor: number
  query_weight: number
  product_weight: number
  /** Query weight × product weight: its part of the score. */
  amount: number
  share_text: string
  /** A change by hand is in these figures. */
  touched: boolean
}

export interface Card {
  key: string
  rank: number
  title: TitlePiece[]
  score: string
  exact_score: number
  about: string
  /** Where a change can hold, in the order of the menu. */
  scopes: Scope[]
  reasons: string[]
  words: Word[]
  lifts: string[]
  lift: { word: string; value: number; scope: string } | null
  /** What the score has that no word says; null where the order is that of relevance alone. */
  added: (BarPart & { amount: number }) | null
}

export interface BarPart {
  term: number
  word: string
  colour: string
  share: number
  share_text: string
}

export interface Hit {
  key: string
  rank: number
  /** Ranks won by changes or by the order; null where it is new among the hits. */
  moved: number | null
  title: TitlePiece[]
  about: string
  parts: BarPart[]
  /** Of its bar, as a share of the best hit's. */
  length: number
  score: string
}

export interface Comparison {
  key: string
  titles: [string, string]
  scores: [string, string]
  sentence: string
  words: { word: string; amount: number; colour: string; text: string; why: string }[]
}

/** What the page says. */
export interface Data {
  hits: Hit[]
  /** What the hits have moved by, as a person reads it. */
  moved_by: string
  /** Titles that left the hits by changes. */
  left: string[]
  most: number
  nothing: string
  card: Card | null
  compare: Comparison | null
  /** Of the word to point at. */
  term: number | null
  answered: number
}

/** Where a change holds. */
export interface Scope {
  name: string
  label: string
  /** It touches the weight in the query, else the one in the product. */
  in_query: boolean
}

/** What a person did. */
export type Action =
  | { kind: 'open'; key: string; term?: number }
  | { kind: 'compare'; key: string | null }
  | { kind: 'word'; word: string }
  | { kind: 'forbid'; scope: string; word: string }
  | { kind: 'set'; scope: string; word: string; value: number }

export type Act = (action: Action) => void
