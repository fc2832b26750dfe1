/**
 * A host busy with thousands of people closes a connection in the very moment in which it would be used again; each
 * request of a trial therefore has one of its own.
 */
const asked = globalThis.fetch;
globalThis.fetch = (input, init = {}) => {
	const headers = new Headers(init.headers ?? (input instanceof Request ? input.headers : undefined));
	headers.set('connection', 'close');
	return asked(input, { ...init, headers });
};
