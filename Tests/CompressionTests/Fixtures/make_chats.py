"""Writes chats.json: chat templates, and what the reference makes of chats with them.

    python make_chats.py [MODEL-FOLDER-OR-JINJA-FILE ...]

Made with transformers 5.24 and jinja2 3.1.6. The templates are those of the families with their
habits, written here without what concerns tools; each names a model that has them. Given a model's
own template as well, the script says whether it gives the same text as one of those for every chat.
"""

import json
import os
import sys

from transformers.utils.chat_template_utils import _compile_jinja_template

HERE = os.path.dirname(os.path.abspath(__file__))

CHATS = [
    [("user", " Hello ")],
    [("system", "You are brief. "), ("user", "Hello")],
    [("user", "Hello"), ("assistant", " Hi there. "), ("user", "Who are\nyou? ")],
    [("system", " Be kind"), ("user", " Hello"), ("assistant", "Hi"), ("user", "Why"),
     ("assistant", "<think>\nHm.\n</think>\n\nSo."), ("user", "Ah")],
    [("system", ""), ("user", "Hello")],
]

SPLIT_SYSTEM = """\
{%- if messages[0]["role"] == "system" %}
    {%- set system_message = messages[0]["content"] %}
    {%- set loop_messages = messages[1:] %}
{%- else %}
    {%- set loop_messages = messages %}
{%- endif %}
{{- bos_token }}
"""


def chatml(first="", each="message['content']", start=""):
    return (
        start + "{% for message in messages %}" + first
        + "{{'<|im_start|>' + message['role'] + '\\n' + " + each + " + '<|im_end|>' + '\\n'}}"
        + "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}")


def default(text):
    return ("{% if loop.first and messages[0]['role'] != 'system' %}"
            "{{ '<|im_start|>system\n" + text + "<|im_end|>\n' }}{% endif %}")


QWEN3 = """\
{%- for message in messages %}
    {%- if message.role == "assistant" %}
        {%- set content = message.content %}
        {%- if '</think>' in content %}
            {%- set content = message.content.split('</think>')[-1].lstrip('\\n') %}
        {%- endif %}
        {{- '<|im_start|>' + message.role + '\\n' + content }}
        {{- '<|im_end|>\\n' }}
    {%- else %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- 'ANSWER' }}
{%- endif %}
"""

LLAMA2 = (
    "{% if messages[0]['role'] == 'system' %}{% set turns = messages[1:] %}"
    "{% set system_message = messages[0]['content'] %}{% else %}{% set turns = messages %}"
    "{% set system_message = false %}{% endif %}{% for message in turns %}"
    "{% if loop.index0 == 0 and system_message != false %}"
    "{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'] %}"
    "{% else %}{% set content = message['content'] %}{% endif %}"
    "{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}"
    "{% elif message['role'] == 'assistant' %}{{ ' '  + content.strip() + ' ' + eos_token }}"
    "{% endif %}{% endfor %}")

LLAMA3 = (
    "{% for message in messages %}{% set content = '<|start_header_id|>' + message['role'] + "
    "'<|end_header_id|>\n\n'+ message['content'] | trim + '<|eot_id|>' %}"
    "{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}"
    "{% endfor %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}")

LLAMA32 = """\
{{- bos_token }}
{%- if not date_string is defined %}
    {%- set date_string = "26 Jul 2024" %}
{%- endif %}
{#- The system message comes first, "whatever" it is. #}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
{{- "Cutting Knowledge Date: December 2023\\n" }}
{{- "Today Date: " + date_string + "\\n\\n" }}
{{- system_message }}
{{- "<|eot_id|>" }}
{%- for message in messages %}
    {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
"""

MISTRAL_OLD = (
    "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}"
    "{{ '[INST] ' + message['content'] + ' [/INST]' }}{% elif message['role'] == 'assistant' %}"
    "{{ message['content'] + eos_tokenSPACE }}{% else %}"
    "{{ raise_exception('Only user and assistant roles are supported!') }}{% endif %}{% endfor %}")

MISTRAL = SPLIT_SYSTEM + """\
{%- for message in loop_messages %}
    {%- if message["role"] == "user" %}
        {%- if loop.WHERE and system_message is defined %}
            {{- "OPEN" + system_message + "\\n\\n" + message["content"] + "SHUT" }}
        {%- else %}
            {{- "OPEN" + message["content"] + "SHUT" }}
        {%- endif %}
    {%- elif message["role"] == "assistant" %}
        {{- ANSWER + eos_token}}
    {%- endif %}
{%- endfor %}
"""

MISTRAL7 = (
    "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}"
    "{{ '[INST] ' + message['content'] + '[/INST]' }}{% elif message['role'] == 'system' %}"
    "{{ '[SYSTEM_PROMPT] ' + message['content'] + '[/SYSTEM_PROMPT]' }}"
    "{% elif message['role'] == 'assistant' %}{{ ' ' + message['content'] + eos_token }}{% endif %}"
    "{% endfor %}")


def mistral(where, begin, shut, answer):
    return (MISTRAL.replace("WHERE", where).replace("OPEN", begin).replace("SHUT", shut)
            .replace("ANSWER", answer))


GEMMA = (
    "{{ bos_token }}{% if messages[0]['role'] == 'system' %}"
    "{{ raise_exception('System role not supported') }}{% endif %}{% for message in messages %}"
    "{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}"
    "{% set role = message['role'] %}{% endif %}{{ '<start_of_turn>' + role + '\n' + "
    "message['content'] | trim + '<end_of_turn>\n' }}{% endfor %}{% if add_generation_prompt %}"
    "{{'<start_of_turn>model\n'}}{% endif %}")

GEMMA3 = """\
{{ bos_token }}
{%- if messages[0]['role'] == 'system' -%}
    {%- set first_user_prefix = messages[0]['content'] + '\n\n' -%}
    {%- set loop_messages = messages[1:] -%}
{%- else -%}
    {%- set first_user_prefix = "" -%}
    {%- set loop_messages = messages -%}
{%- endif -%}
{%- for message in loop_messages -%}
    {%- set role = "model" if message['role'] == 'assistant' else message['role'] -%}
    {{ '<start_of_turn>' + role + '\n' + (first_user_prefix if loop.first else "") }}
    {{- message['content'] | trim }}
    {{ '<end_of_turn>\n' }}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{'<start_of_turn>model\n'}}
{%- endif -%}
""".replace("    {{ '<end_of_turn>", "    {{- '<end_of_turn>")

PHI3 = (
    "{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'user') %}"
    "{{'<|user|>' + '\n' + message['content'] + '<|end|>' + '\n' + '<|assistant|>' + '\n'}}"
    "{% elif (message['role'] == 'assistant') %}{{message['content'] + '<|end|>' + '\n'}}"
    "{% endif %}{% endfor %}")
PHI35 = (
    "{% for message in messages %}{% if message['role'] == 'system' and message['content'] %}"
    "{{'<|system|>\n' + message['content'] + '<|end|>\n'}}{% elif message['role'] == 'user' %}"
    "{{'<|user|>\n' + message['content'] + '<|end|>\n'}}{% elif message['role'] == 'assistant' %}"
    "{{'<|assistant|>\n' + message['content'] + '<|end|>\n'}}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% else %}{{ eos_token }}{% endif %}")
PHI_SMALL = (
    "{{ bos_token }}{% for message in messages %}{{'<|' + message['role'] + '|>' + '\n' + "
    "message['content'] + '<|end|>\n' }}{% endfor %}{% if add_generation_prompt %}"
    "{{ '<|assistant|>\n' }}{% else %}{{ eos_token }}{% endif %}")
PHI4_MINI = (
    "{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}")
ZEPHYR = (
    "{% for message in messages %}\n{% if message['role'] == 'user' %}\n"
    "{{ '<|user|>\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'system' %}\n"
    "{{ '<|system|>\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'assistant' %}\n"
    "{{ '<|assistant|>\n'  + message['content'] + eos_token }}\n{% endif %}\n"
    "{% if loop.last and add_generation_prompt %}\n{{ '<|assistant|>' }}\n{% endif %}\n{% endfor %}")

# Model, family and template; a family of None is to be recognised as unknown.
TEMPLATES = [
    ("SmolLM2", "ChatML",
     chatml(default("You are a helpful AI assistant named SmolLM, trained by Hugging Face"))),
    ("Qwen2", "ChatML", chatml(default("You are a helpful assistant."))),
    ("Qwen2.5", "ChatML", chatml(default(
        "You are Qwen, created by Alibaba Cloud. You are a helpful assistant."))),
    ("Qwen3", "ChatML", QWEN3.replace("ANSWER", "<|im_start|>assistant\\n")),
    ("Qwen3-Thinking", "ChatML", QWEN3.replace("ANSWER", "<|im_start|>assistant\\n<think>\\n")),
    ("OpenHermes", "ChatML", chatml()),
    ("Hermes-2-Pro", "ChatML", chatml(start="{{bos_token}}")),
    ("trimming", "ChatML", chatml(each="message['content'] | trim")),
    ("Llama-2", "Llama 2", LLAMA2),
    ("Llama-3", "Llama 3", LLAMA3),
    ("Llama-3.2", "Llama 3", LLAMA32),
    ("Mistral-v0.1", "Mistral", MISTRAL_OLD.replace("SPACE", " + ' '")),
    ("Mistral-v0.2", "Mistral", MISTRAL_OLD.replace("SPACE", "")),
    ("Mixtral", "Mistral",
     mistral("first", " [INST] ", " [/INST]", '" " + message["content"]')),
    ("Mistral-v0.3", "Mistral",
     mistral("last", "[INST] ", "[/INST]", '" " + message["content"]|trim')),
    ("Mistral-Nemo", "Mistral", mistral("last", "[INST]", "[/INST]", 'message["content"]')),
    ("Mistral-Large-2411", "Mistral", MISTRAL7),
    ("Gemma-2", "Gemma", GEMMA),
    ("Gemma-3", "Gemma", GEMMA3),
    ("Phi-3-mini", "Phi-3", PHI3),
    ("Phi-3.5-mini", "Phi-3", PHI35),
    ("Phi-3-small", "Phi-3", PHI_SMALL),
    ("Phi-4-mini", "Phi-3", PHI4_MINI),
    ("Zephyr", "Zephyr", ZEPHYR),
    ("Phi-4", None, "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '<|im_sep|>' + "
     "m['content'] + '<|im_end|>' }}{% endfor %}{{ '<|im_start|>assistant<|im_sep|>' }}"),
    ("Vicuna", None, "{% for m in messages %}{{ 'USER: ' + m['content'] + '\\n' }}{% endfor %}"),
    ("written text", None, "Hello. " + chatml()),
    ("a set default", None, "{% set system_message = 'You are a helpful assistant.' %}" + chatml()),
    ("Llama-2 with a default", None, LLAMA2.replace(
        "{% else %}{% set turns = messages %}{% set system_message = false %}",
        "{% elif true == true %}{% set turns = messages %}{% set system_message = 'Be kind.' %}")),
    ("part of a system message", None, "{{ '<|im_start|>system\nYou call ' }}" + chatml()),
    ("a macro", None, "{% macro f(x) %}{{ 'You call' }}{% endmacro %}{{ f(1) }}" + chatml()),
    ("Zephyr on one line", None, ZEPHYR.replace("}\n", "}")),
    ("cut short", None, chatml()[:-40] + "{{ '"),
    ("empty", None, ""),
]


def rendered(template, chat):
    messages = [{"role": role, "content": content} for role, content in chat]
    try:
        # transformers has a function for the day; without it templates fall back on their own.
        compiled = _compile_jinja_template(template)
        return compiled.render(messages=messages, bos_token="<s>", eos_token="</s>",
                               add_generation_prompt=True, date_string="26 Jul 2024")
    except Exception as error:
        if type(error).__name__ not in ("TemplateError", "TemplateSyntaxError"):
            raise
        return None


def template_of(path):
    if os.path.isdir(path):
        with open(os.path.join(path, "tokenizer_config.json")) as file:
            return json.load(file)["chat_template"]
    with open(path) as file:
        return file.read()


cases = [{"model": model, "family": family, "template": template,
          "prompts": [rendered(template, chat) for chat in CHATS] if family else []}
         for model, family, template in TEMPLATES]
for path in sys.argv[1:]:
    own = [rendered(template_of(path), chat) for chat in CHATS]
    print(path, "equals", [case["model"] for case in cases if case["prompts"] == own] or "none")
chats = [[{"role": role, "content": content} for role, content in chat] for chat in CHATS]
with open(os.path.join(HERE, "chats.json"), "w") as file:
    rows = ",\n".join(json.dumps(case) for case in cases)
    file.write(f'{{"chats": {json.dumps(chats)},\n"cases": [\n{rows}\n]}}\n')
