const chatml = [
  "{%- for message in messages -%}",
  "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}",
  "{%- endfor -%}",
  "{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\\n' }}{%- endif -%}",
];

/** The last system message stands before all others; messages of unknown roles are left out. */
const alpaca = [
  "{%- set titles = {'user': 'Instruction', 'user_context': 'Input', 'assistant': 'Response'} -%}",
  "{%- set system = namespace(text='') -%}",
  "{%- for message in messages -%}",
  "{%- if message['role'] == 'system' -%}{%- set system.text = message['content'] | trim -%}{%- endif -%}",
  "{%- endfor -%}",
  "{{ system.text }}",
  "{%- for message in messages -%}",
  "{%- if message['role'] in titles -%}",
  "{{ '\\n\\n### ' + titles[message['role']] + ':\\n' + message['content'] | trim }}",
  "{%- endif -%}",
  "{%- endfor -%}",
  "{%- if add_generation_prompt and messages[-1]['role'] != 'assistant' -%}{{ '\\n\\n### Response:\\n' }}{%- endif -%}",
];

const exaone = [
  "{%- if messages and messages[0]['role'] != 'system' -%}{{ '[|system|][|endofturn|]\\n' }}{%- endif -%}",
  "{%- for message in messages -%}",
  "{{ '[|' + message['role'] + '|]' + message['content'] }}",
  "{{ '\\n' if message['role'] == 'user' else '[|endofturn|]\\n' }}",
  "{%- endfor -%}",
  "{%- if add_generation_prompt -%}{{ '[|assistant|]' }}{%- endif -%}",
];

const llama3 = [
  "{{ bos_token if messages else '' }}",
  "{%- for message in messages -%}",
  "{{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' }}",
  "{{ message['content'] | trim + '<|eot_id|>' }}",
  "{%- endfor -%}",
  "{%- if add_generation_prompt -%}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{%- endif -%}",
];

/** Users and the assistant take turns; a system message stands in the first turn of the user. */
const mistral = [
  "{{ bos_token }}",
  "{%- set first = 1 if messages and messages[0]['role'] == 'system' else 0 -%}",
  "{%- for message in messages[first:] -%}",
  "{%- set expected = 'user' if loop.index0 % 2 == 0 else 'assistant' -%}",
  "{%- if message['role'] != expected -%}",
  "{{ raise_exception('Expected a message of the ' + expected + ', got one of the role ' + message['role']) }}",
  "{%- endif -%}",
  "{%- if expected == 'assistant' -%}{{ ' ' + message['content'] + eos_token }}",
  "{%- else -%}",
  "{{ ' [INST] ' }}",
  "{%- if loop.first and first == 1 -%}{{ messages[0]['content'] + '\\n\\n' }}{%- endif -%}",
  "{{ message['content'] + ' [/INST]' }}",
  "{%- endif -%}",
  "{%- endfor -%}",
];

const lines: Readonly<Record<string, readonly string[]>> = { alpaca, chatml, exaone, llama3, mistral };

/** Chat templates that a configuration can name, in Jinja. */
export const namedChatTemplates: ReadonlyMap<string, string> = new Map(
  Object.entries(lines).map(([name, template]) => [name, template.join("")]),
);
