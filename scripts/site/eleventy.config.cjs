// The generator loads its configuration from a process of its own: the rest is TypeScript.
require("ts-node").register();
module.exports = require("./generator").configure;
