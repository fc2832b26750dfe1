/** Builds the two packages: `dist/` for n8n, `dist-node-red/` for Node-RED; `gulp pack` makes tarballs of both. */
// The build is TypeScript like everything else; gulp reads plain JavaScript.
require('tsx/cjs');
const { parallel, series } = require('gulp');
const { existsSync } = require('node:fs');
const { buildN8n, packInto } = require('./hosts/n8n/build');

// Built from the same steps; stands beside n8n's package.
const buildNodeRed = existsSync('hosts/node-red/build/index.ts')
	? require('./hosts/node-red/build').buildNodeRed
	: async function buildNodeRed() {};

const n8n = () => buildN8n(__dirname);
const nodeRed = () => buildNodeRed(__dirname);
const tarballs = () => packInto(__dirname, 'packed', ['.', 'dist-node-red']);

exports.n8n = n8n;
exports.nodeRed = nodeRed;
exports.build = parallel(n8n, nodeRed);
exports.pack = series(exports.build, tarballs);
exports.default = exports.build;
