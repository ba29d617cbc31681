// node nothing.mjs: what Node takes to start.

console.log(0, 0)
