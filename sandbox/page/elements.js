/** Elements and calls. Text is only ever set as text, never as HTML. */

/** `el('button', {class: 'x', onclick: f, disabled: true}, 'text', child, …)`; null and false children are left out. */
export function el(tag, attributes = {}, ...children) {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes)) {
		if (value === undefined || value === null || value === false) continue;
		if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
		else element.setAttribute(name, value === true ? '' : String(value));
	}
	element.append(
		...children.flat().filter((child) => child !== null && child !== undefined && child !== false),
	);
	return element;
}

export const byId = (id) => document.getElementById(id);

export async function ask(method, path, body) {
	const response = await fetch(path, {
		method,
		...(body === undefined
			? {}
			: { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
	});
	const answer = await response.json().catch(() => ({}));
	if (!response.ok)
		throw Object.assign(new Error(answer.message ?? String(response.status)), { status: response.status });
	return answer;
}

let saying;
/** Says something at the bottom of the page for a while. */
export function say(text, stays = false) {
	const said = byId('said');
	said.textContent = text;
	said.classList.toggle('shown', text !== '');
	clearTimeout(saying);
	if (!stays) saying = setTimeout(() => said.classList.remove('shown'), 3500);
}
