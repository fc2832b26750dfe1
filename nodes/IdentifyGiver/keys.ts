/**
 * The keys of the page: whatever shows a key (`data-key`) is pressed by it, and `j` and `k` go through lists. Without the
 * script everything is done by buttons and links. Holds no data: the page's policy allows this text and no other.
 */
export const keys = `(() => {
	'use strict';
	let sent = false;
	document.addEventListener('submit', (event) => {
		if (sent) event.preventDefault();
		else sent = true;
	});
	addEventListener('pageshow', () => { sent = false; });
	const typing = (at) => at instanceof Element && at.closest('input:not([type=checkbox]),select,textarea');
	const go = (step) => {
		const rows = [...document.querySelectorAll('a[data-row]')];
		if (rows.length === 0) return false;
		const at = rows.indexOf(document.activeElement);
		rows[Math.min(rows.length - 1, Math.max(0, at < 0 ? 0 : at + step))].focus();
		return true;
	};
	document.addEventListener('keydown', (event) => {
		if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
		if (typing(event.target)) {
			if (event.key === 'Escape') event.target.blur();
			return;
		}
		const key = event.key.toLowerCase();
		if (!/^[a-z0-9/]$/.test(key)) return;
		const one = document.querySelector('[data-key="' + key + '"]');
		if (one) {
			event.preventDefault();
			if (one.matches('input:not([type=checkbox])')) one.focus();
			else one.click();
		} else if ((key === 'j' && go(1)) || (key === 'k' && go(-1))) event.preventDefault();
	});
})();`;
