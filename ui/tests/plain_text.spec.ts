import { expect, test } from '@playwright/test';
import { plainText } from '../src/parts/plain_text.ts';

const READ = {
  'what is stressed': [
    '**Yes**, *within* 90 days, ~~60~~ __not__ _ever_ ***more***.',
    'Yes, within 90 days, 60 not ever more.',
  ],
  'stress in stress': ['**bold and *slanted* and _more_ here**', 'bold and slanted and more here'],
  'no stress': ['2 * 3 * 4, snake_case_name, 5*, a ** b, _', '2 * 3 * 4, snake_case_name, 5*, a ** b, _'],
  'headings and rules': ['# Returns\n\n---\n## How\nSend it.\nTitle\n=====', 'Returns How Send it. Title'],
  'lists and quotes': [
    '> Why?\n- one\n* two\n  + three\n- [x] done\n1. first\n2) second',
    'Why? • one • two • three • done 1. first 2) second',
  ],
  'a table': ['| Tent | Price |\n|:---|---:|\n| Ridge 4 | **€ 320** |', 'Tent · Price Ridge 4 · € 320'],
  'links and pictures': [
    'See [the *terms*](https://a.b/c_(d) "Terms") ![a tent](t.png) <https://a.b>',
    'See the terms a tent https://a.b',
  ],
  'code, as it stands': [
    'Run `a **b** _c_` or **``x`y``**:\n```py\nf(**kwargs)\n# not a heading\n```\nDone',
    'Run a **b** _c_ or x`y: f(**kwargs) # not a heading Done',
  ],
  escapes: ['\\*not\\* stressed, C:\\dir', '*not* stressed, C:\\dir'],
  'what was cut': ['It is **very goo', 'It is very goo'],
  'a link that was cut': ['See [the terms](https://shop.exam', 'See the terms'],
  'code that was cut': ['Try:\n```py\nprint(', 'Try: print('],
  'HTML and JSON, which are no Markdown': [
    '<b>x</b> {"a": [1, "b_c"], "d": "e"}',
    '<b>x</b> {"a": [1, "b_c"], "d": "e"}',
  ],
  nothing: ['', ''],
};

test.describe('the words of a Markdown text in one line', () => {
  for (const [name, [markdown = '', words]] of Object.entries(READ))
    test(name, () => expect(plainText(markdown)).toBe(words));
});

test('a text of marks alone is read at once, however long', () => {
  for (const mark of ['*', '_', '[', '|', '`', '> ', '**a ', '[a](', '\\'])
    expect(plainText(mark.repeat(100_000)).length).toBeLessThan(4_000);
});
