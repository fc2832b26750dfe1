import { relative } from 'node:path';

const nameless = /(^|[^a-z])(utils?|helpers?|common|misc|managers?)([^a-z]|$)/i;

/** LINK Common: what LINK itself calls that API. */
const product = /link common/i;

/** A reader finds a thing by its name; these words name nothing. */
export default {
	meta: {
		type: 'suggestion',
		schema: [],
		messages: {
			nameless: '"{{part}}" does not say what is inside: name the file or folder after what it does.',
		},
	},
	create(context) {
		return {
			Program(node) {
				const parts = relative(context.cwd, context.filename).split('/');
				// splitPhoneHelpers.ts → split Phone Helpers.ts
				const words = (name) => name.replace(/([a-z])([A-Z])/g, '$1 $2').replace(product, '');
				const part = parts.find((name) => nameless.test(words(name)));
				if (part) context.report({ node, messageId: 'nameless', data: { part } });
			},
		};
	},
};
