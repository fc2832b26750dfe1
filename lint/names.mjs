import { relative } from 'node:path';

const nameless = /(^|[^a-z])(utils?|helpers?|common|misc|managers?)([^a-z]|$)/i;

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
				const part = parts.find((name) => nameless.test(name.replace(/([a-z])([A-Z])/g, '$1 $2')));
				if (part) context.report({ node, messageId: 'nameless', data: { part } });
			},
		};
	},
};
