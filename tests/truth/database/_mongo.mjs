// Facts of MongoDB's manual: which index serves which operation, and which index an operation is given.

/** By the pages on the ESR guideline, prefixes, and sorts by an index: indexes, operation, whether they serve it whole. */
export const SERVED = [
  // Sort and index prefix
  ...["find().sort({a: 1})", "find().sort({a: -1})", "find().sort({a: 1, b: 1})", "find().sort({a: -1, b: -1})", "find().sort({a: 1, b: 1, c: 1})", "find({a: {$gt: 4}}).sort({a: 1, b: 1})"].map((call) => ["{a: 1, b: 1, c: 1, d: 1}", call, true]),
  // Sort and non-prefix subset of an index
  ...["find({a: 5}).sort({b: 1, c: 1})", "find({b: 3, a: 4}).sort({c: 1})", "find({a: 5, b: {$lt: 3}}).sort({b: 1})"].map((call) => ["{a: 1, b: 1, c: 1, d: 1}", call, true]),
  ...["find({a: {$gt: 2}}).sort({c: 1})", "find({c: 5}).sort({c: 1})"].map((call) => ["{a: 1, b: 1, c: 1, d: 1}", call, false]),
  // Compound sort order
  ["{username: 1, date: -1}", "find().sort({username: 1, date: -1})", true],
  ["{username: 1, date: -1}", "find().sort({username: -1, date: 1})", true],
  ["{username: 1, date: -1}", "find().sort({username: 1, date: 1})", false],
  ["{score: -1, username: 1}", "find().sort({score: -1, username: 1})", true],
  ["{score: -1, username: 1}", "find().sort({score: 1, username: -1})", true],
  ["{score: -1, username: 1}", "find().sort({score: -1, username: -1})", false],
  ["{score: -1, username: 1}", "find().sort({username: 1, score: -1})", false],
  // Prefixes
  ...["find({item: 'x'})", "find({item: 'x', location: 'y'})", "find({item: 'x', location: 'y', stock: {$gt: 5}})"].map((call) => ["{item: 1, location: 1, stock: 1}", call, true]),
  ...["find({location: 'y'})", "find({stock: 5})", "find({location: 'y', stock: 5})"].map((call) => ["{item: 1, location: 1, stock: 1}", call, false]),
  // Single fields, either direction
  ["{record: 1}", "find().sort({record: -1})", true],
  ["{record: -1}", "find().sort({record: 1})", true],
  ["{score: 1}", "find({score: 2})", true],
  ["{score: 1}", "find({score: {$gt: 10}})", true],
  ["{'location.state': 1}", "find({'location.state': 'CA'})", true],
  ["{'location.state': 1}", "find({'location.city': 'Albany', 'location.state': 'NY'}).sort({x: 1})", false],
  // Multikey
  ["{ratings: 1}", "find({ratings: {$elemMatch: {$gte: 3, $lte: 6}}})", true],
  // $or: each clause by an index of its own
  ["{quantity: 1}; {price: 1}", "find({$or: [{quantity: {$lt: 20}}, {price: 10}]})", true],
  ["{quantity: 1}", "find({$or: [{quantity: {$lt: 20}}, {price: 10}]})", false],
  // Patterns
  ["{name: 1}", "find({name: /^Acme/})", true],
];

/** By the ESR guideline and the pages on compound indexes: operation, its index. */
export const ADVISED = [
  ["find({manufacturer: 'GM'}).sort({model: 1})", "{manufacturer: 1, model: 1}"],
  ["find({manufacturer: 'Ford', cost: {$gt: 15000}}).sort({model: 1})", "{manufacturer: 1, model: 1, cost: 1}"],
  ["find({directors: 'David Lynch', runtime: {$lt: 130}}).sort({year: 1})", "{directors: 1, year: 1, runtime: 1}"],
  ["find({model: 'Cordoba'})", "{model: 1}"],
  ["find({model: {$eq: 'Cordoba'}})", "{model: 1}"],
  ["find({price: {$gte: 15000}})", "{price: 1}"],
  ["find({age: {$lt: 10}})", "{age: 1}"],
  ["find().sort({date: -1, user: 1})", "{date: -1, user: 1}"],
  ["find({make: {$in: ['a', 'b']}, cost: {$lte: 5}}).sort({year: -1})", "{make: 1, year: -1, cost: 1}"],
  ["aggregate([{$match: {state: 'AT'}}, {$sort: {population: -1}}, {$limit: 5}])", "{state: 1, population: -1}"],
];
