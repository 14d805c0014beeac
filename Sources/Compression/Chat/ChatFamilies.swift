extension ChatTemplate {
  /// Reads the family and its habits off a template's text; `nil` where it is none that is known.
  ///
  /// - Parameters:
  ///   - template: Jinja, as the model's files have it.
  ///   - bos: the token that begins a text, as the vocabulary spells it.
  ///   - eos: the token that ends one.
  public init?(jinja template: String, bos: String, eos: String) {
    guard let code = TemplateCode(template),
      // What a function of the template writes cannot be read off, nor what day it is.
      !code.has(" macro"), !code.has("strftime_now(") || code.says("Today Date: ")
    else { return nil }
    let readers: [(TemplateCode, String, String) -> ChatTemplate?] = [
      Self.chatML, Self.llama3, Self.gemma, Self.llama2, Self.mistral, Self.phi3, Self.zephyr,
    ]
    for reader in readers {
      if let read = reader(code, bos, eos) {
        // Text between the statements would be written too.
        guard code.written.isEmpty || read.family == .zephyr else { return nil }
        self = read
        return
      }
    }
    return nil
  }

  private mutating func trim(where trims: Bool) {
    (trimsUser, trimsAssistant, trimsSystem) = (trims, trims, trims)
  }

  private static func trims(_ code: TemplateCode) -> Bool {
    code.has("content|trim") || code.has("content.strip()")
  }

  private static func chatML(_ code: TemplateCode, _ bos: String, _ eos: String) -> ChatTemplate? {
    let (begin, end) = ("<|im_start|>", "<|im_end|>\n")
    guard code.says(begin), !code.says("<|im_sep|>"), !code.says("<|im_middle|>"),
      code.says(end) || code.has("'<|im_end|>'+'\n'"),
      code.literal(assignedTo: "system_message") ?? "" == ""
    else { return nil }
    // A system message that only part of a literal says is put together in some other way.
    let systems = code.literals.filter { $0.hasPrefix("\(begin)system\n") }
    let defaults = systems.compactMap { $0.between("\(begin)system\n", end) }
    guard systems.count(where: { $0 != "\(begin)system\n" }) == defaults.count else { return nil }
    let answers = ["\(begin)assistant\n", "\(begin)assistant\n<think>\n"]
    var template = ChatTemplate(.chatML)
    guard let answer = answers.last(where: code.literals.contains)
    else { return nil }
    template.answerStart = answer
    template.start = code.has("bos_token") ? bos : ""
    template.system = .turn(Frame(before: "\(begin)system\n", behind: end))
    template.user = Frame(before: "\(begin)user\n", behind: end)
    template.assistant = Frame(before: "\(begin)assistant\n", behind: end)
    template.fallbackSystem = defaults.first
    template.dropsThoughts = code.has("split('</think>')[-1]")
    template.trim(where: trims(code))
    return template
  }

  private static func llama3(_ code: TemplateCode, _ bos: String, _ eos: String) -> ChatTemplate? {
    func header(_ role: String) -> String { "<|start_header_id|>\(role)<|end_header_id|>\n\n" }
    let end = "<|eot_id|>"
    guard code.literals.contains(header("assistant")), code.says(end) else { return nil }
    var template = ChatTemplate(.llama3)
    template.start = code.has("bos_token") ? bos : ""
    template.system = .turn(Frame(before: header("system"), behind: end))
    template.user = Frame(before: header("user"), behind: end)
    template.assistant = Frame(before: header("assistant"), behind: end)
    template.answerStart = header("assistant")
    template.trim(where: trims(code))
    if code.says("Cutting Knowledge Date") {
      let cut = "Cutting Knowledge Date: December 2023\n"
      guard code.literals.contains(cut), code.literals.contains("Today Date: "),
        let date = code.literal(assignedTo: "date_string")
      else { return nil }
      // The day is the one that the template falls back on, so that a prompt stays the same.
      template.system = .turn(
        Frame(before: header("system") + cut + "Today Date: \(date)\n\n", behind: end))
      template.fallbackSystem = ""
    } else if code.says("<|start_header_id|>system") {
      return nil
    }
    return template
  }

  private static func gemma(_ code: TemplateCode, _ bos: String, _ eos: String) -> ChatTemplate? {
    let (begin, end) = ("<start_of_turn>", "<end_of_turn>\n")
    guard code.says(begin), code.says(end), code.literals.contains("\(begin)model\n") else {
      return nil
    }
    var template = ChatTemplate(.gemma)
    template.start = code.has("bos_token") ? bos : ""
    template.user = Frame(before: "\(begin)user\n", behind: end)
    template.assistant = Frame(before: "\(begin)model\n", behind: end)
    template.answerStart = "\(begin)model\n"
    if code.has("first_user_prefix=messages[0].content+'\n\n'") {
      template.system = .firstUser(Frame(before: "", behind: "\n\n"))
    }
    template.trim(where: trims(code))
    template.trimsSystem = false
    return template
  }

  private static func llama2(_ code: TemplateCode, _ bos: String, _ eos: String) -> ChatTemplate? {
    guard code.has("'<<SYS>>\n'+system_message+'\n<</SYS>>\n\n'+message.content"),
      code.has("'[INST] '+content.strip()+' [/INST]'"),
      code.has("' '+content.strip()+' '+eos_token"),
      // Some say what stands for a missing system message, behind a condition that holds.
      !code.has("true==true")
    else { return nil }
    var template = ChatTemplate(.llama2)
    template.start = code.has("bos_token") ? bos : ""
    template.laterStart = code.has("bos_token+'[INST] '") ? bos : ""
    template.system = .firstUser(Frame(before: "<<SYS>>\n", behind: "\n<</SYS>>\n\n"))
    template.user = Frame(before: "[INST] ", behind: " [/INST]")
    template.assistant = Frame(before: " ", behind: " \(eos)")
    (template.trimsUser, template.trimsAssistant) = (true, true)
    return template
  }

  private static func mistral(_ code: TemplateCode, _ bos: String, _ eos: String) -> ChatTemplate? {
    guard !code.says("<<SYS>>"), !code.has("default_system_message") else { return nil }
    let marks = [" [INST] ", "[INST] ", "[INST]"].flatMap { open in
      [" [/INST]", "[/INST]"].map { Frame(before: open, behind: $0) }
    }
    let answers: [(code: String, frame: Frame, trims: Bool)] = [
      ("' '+message.content|trim+eos_token", Frame(before: " ", behind: eos), true),
      ("' '+message.content+eos_token", Frame(before: " ", behind: eos), false),
      ("message.content+eos_token+' '", Frame(before: "", behind: "\(eos) "), false),
      ("message.content+eos_token", Frame(before: "", behind: eos), false),
    ]
    guard
      let user = marks.first(where: {
        code.has("'\($0.before)'+message.content+'\($0.behind)'")
      }), let answer = answers.first(where: { code.has($0.code) })
    else { return nil }
    var template = ChatTemplate(.mistral)
    template.start = code.has("bos_token") ? bos : ""
    template.user = user
    template.assistant = answer.frame
    template.trimsAssistant = answer.trims
    let inside = Frame(before: "", behind: "\n\n")
    if let open = ["[SYSTEM_PROMPT] ", "[SYSTEM_PROMPT]"].first(where: code.literals.contains) {
      template.system = .turn(Frame(before: open, behind: "[/SYSTEM_PROMPT]"))
    } else if code.has("'\(user.before)'+system_message+'\n\n'+message.content+'\(user.behind)'") {
      if code.has("loop.lastandsystem_messageisdefined") {
        template.system = .lastUser(inside)
      } else if code.has("loop.firstandsystem_messageisdefined") {
        template.system = .firstUser(inside)
      } else {
        return nil
      }
    }
    return template
  }

  private static func phi3(_ code: TemplateCode, _ bos: String, _ eos: String) -> ChatTemplate? {
    let namesRoles = code.has("'<|'+message.role+'|>'")
    guard code.says("<|end|>"), namesRoles || code.says("<|user|>") else { return nil }
    let breaks =
      namesRoles
      ? code.has("'|>'+'\n'")
      : code.says("<|user|>\n") || code.has("'<|user|>'+'\n'")
    let breaksBehind = code.says("<|end|>\n") || code.has("'<|end|>'+'\n'")
    guard breaks == breaksBehind else { return nil }
    let line = breaks ? "\n" : ""
    func frame(_ role: String) -> Frame {
      Frame(before: "<|\(role)|>\(line)", behind: "<|end|>\(line)")
    }
    var template = ChatTemplate(.phi3)
    template.start = code.has("bos_token") ? bos : ""
    (template.user, template.assistant) = (frame("user"), frame("assistant"))
    if namesRoles || code.says("<|system|>") { template.system = .turn(frame("system")) }
    template.dropsEmptySystem = code.has("message.role=='system'andmessage.content")
    template.answerStart = template.assistant.before
    template.trim(where: trims(code))
    return template
  }

  private static func zephyr(_ code: TemplateCode, _ bos: String, _ eos: String) -> ChatTemplate? {
    guard code.has("'<|user|>\n'+message.content+eos_token"),
      code.has("'<|system|>\n'+message.content+eos_token"),
      code.has("'<|assistant|>\n'+message.content+eos_token"),
      code.literals.contains("<|assistant|>"),
      // A line break behind every expression is written.
      code.written == Array(repeating: "\n", count: 4)
    else { return nil }
    func frame(_ role: String) -> Frame { Frame(before: "<|\(role)|>\n", behind: "\(eos)\n") }
    var template = ChatTemplate(.zephyr)
    template.system = .turn(frame("system"))
    (template.user, template.assistant) = (frame("user"), frame("assistant"))
    template.answerStart = "<|assistant|>\n"
    return template
  }
}

extension String {
  /// What stands between a beginning and an end that are all the rest of the text.
  fileprivate func between(_ beginning: String, _ end: String) -> String? {
    guard hasPrefix(beginning), hasSuffix(end), count > beginning.count + end.count else {
      return nil
    }
    return String(dropFirst(beginning.count).dropLast(end.count))
  }
}
