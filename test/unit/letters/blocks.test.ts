import fc from 'fast-check';
import { type Block, htmlBlocks, markdownBlocks } from '../../../core/letters/blocks';

const plain = (blocks: Block[]) =>
	blocks.map((block) =>
		block.kind === 'heading' || block.kind === 'paragraph'
			? `${block.kind === 'heading' ? `h${block.level}` : 'p'.repeat(1 + block.indent)}${block.kind === 'paragraph' && block.marker ? ` ${block.marker}` : ''}: ${block.runs
					.map(
						({ text, bold, italic, link }) =>
							`${bold ? 'B' : ''}${italic ? 'I' : ''}${link ? 'L' : ''}${bold || italic || link ? '(' : ''}${text}${bold || italic || link ? ')' : ''}`,
					)
					.join('')}`
			: block.kind,
	);

describe('the text of a letter', () => {
	it('in Markdown has headings, paragraphs, lists, rules and new pages', () => {
		const text = [
			'# Hei *du*',
			'',
			'Takk for **gaven**',
			'på neste linje.',
			'',
			'- en',
			'- to',
			'  1. innerst',
			'',
			'3. tre',
			'4. fire',
			'',
			'---',
			'\\newpage',
			'> sitert',
		].join('\n');
		expect(plain(markdownBlocks(text))).toEqual([
			'h1: Hei I(du)',
			'p: Takk for B(gaven)\npå neste linje.',
			'pp •: en',
			'pp •: to',
			'ppp 1.: innerst',
			'pp 3.: tre',
			'pp 4.: fire',
			'rule',
			'pageBreak',
			'pp: sitert',
		]);
	});
	it('in HTML has the same', () => {
		const html =
			'<h2>Hei</h2><p>Takk &amp; <b>hilsen <i>oss</i></b><br>Neste</p><ol start="2"><li>to</li></ol><hr><hr class="page-break"><div>Sist</div>';
		expect(plain(htmlBlocks(html))).toEqual([
			'h2: Hei',
			'p: Takk & B(hilsen )BI(oss)\nNeste',
			'pp 2.: to',
			'rule',
			'pageBreak',
			'p: Sist',
		]);
	});
	it('writes out where a link leads, as nobody can click on paper', () => {
		expect(
			plain(
				markdownBlocks('Les [mer](https://example.org/mer) på https://example.org/ og <kari@example.org>'),
			),
		).toEqual(['p: Les L(mer) (example.org/mer) på L(https://example.org/) og L(kari@example.org)']);
	});
	it('fetches nothing and reads no file', () => {
		const html =
			'<img src="https://example.org/a.png"><link rel="stylesheet" href="file:///etc/passwd"><style>p{}</style><script>alert(1)</script><iframe src="file:///etc/passwd">x</iframe><object data="a">y</object><p>Igjen</p>';
		expect(plain(htmlBlocks(html))).toEqual(['p: Igjen']);
		expect(plain(markdownBlocks('![bilde](file:///etc/passwd)\n\n<script>x</script>\n\nIgjen'))).toEqual([
			'p: Igjen',
		]);
	});
	it('is read whatever is in it', () => {
		const anything = fc.oneof(
			fc.string({ maxLength: 200 }),
			fc
				.array(
					fc.constantFrom(
						'<b>',
						'</b>',
						'<li>',
						'</ul>',
						'<ol>',
						'*',
						'**',
						'\n',
						'# ',
						'- ',
						'</a>',
						'<a href="https://e.org">',
						'ord ',
						'&lt;',
						'<br>',
					),
					{ maxLength: 40 },
				)
				.map((parts) => parts.join('')),
		);
		fc.assert(
			fc.property(anything, (text) => {
				for (const blocks of [markdownBlocks(text), htmlBlocks(text)]) {
					for (const block of blocks) {
						if ('runs' in block)
							expect(
								block.runs
									.map((run) => run.text)
									.join('')
									.trim(),
							).not.toBe('');
					}
				}
			}),
		);
	});
});
