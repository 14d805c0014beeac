import Reporting
import Results
import Testing

@testable import alr_analyze

@Suite struct HelpScreenTests {
  private func screen(_ arguments: String...) -> String {
    let captured = CapturedConsole()
    #expect(captured.run(arguments) == .done)
    #expect(captured.errors.isEmpty)
    return captured.output
  }

  @Test func toolScreen() {
    let expected = """
      Measures how well a KV cache can be compressed by the L2 norm of its keys: the
      ALR of every attention head of a language model.

      Usage: alr-analyze MODEL CORPUS [options]
             alr-analyze COMMAND ...

      Commands:
        analyze             measure the ALR of every attention head of MODEL on CORPUS
        capture             store attention maps, key norms, keys and values of one
                            prompt
        compare             set eviction scores side by side on MODEL and CORPUS, or
                            the results of two runs
        evaluate lm         measure perplexity and next-token accuracy of MODEL on
                            CORPUS with compressed caches
        evaluate passkey    ask MODEL for a number that is hidden in repeated
                            sentences
        evaluate needle     ask MODEL for a sentence that is hidden in a long text
        evaluate longbench  ask MODEL the questions of LongBench's files
        evaluate ruler      ask MODEL the made-up questions of RULER
        generate            let MODEL go on from a prompt, its cache compressed as
                            asked
        inspect             show architecture, sizes, tokenizer, and the memory and
                            time that a run will need
        tokenize            show the token ids of texts, one line a text, or texts of
                            ids
        plan                choose layers to skip and budgets per layer and KV head
                            from the RESULTS of analyze
        figure              draw the figures of results or a capture again, in any
                            format, size and colour map
        table               print a table of a results folder as Markdown, LaTeX or
                            CSV
        bench               time this machine's peaks and what the kernels and a
                            model's pass reach of them

      'alr-analyze COMMAND --help' explains one; the default is analyze.

      Example:
        alr-analyze ./SmolLM2-135M wikipedia.txt
      """
    #expect(screen("--help") == expected + "\n")
    #expect(screen("-h") == expected + "\n")
  }

  @Test func analyzeScreen() {
    let expected = """
      Measure the ALR of every attention head of MODEL on CORPUS.

      Usage: alr-analyze analyze MODEL CORPUS... [options]

      Arguments:
        MODEL   a .safetensors or .gguf file, a model folder, an index JSON, or
                org/name in the Hugging Face cache
        CORPUS  texts, JSON lines, either also as .gz, folders of them, pipes, or -
                for standard input

      Options:
        --chunk-length N        cached positions of a chunk (default: 1024, or the
                                model's context - 1)
        --max-chunks C          stop after C chunks (default: all of the corpus)
        --until-stable [ERROR]  stop once the recommendation stays as it was 8 chunks
                                before and the error of every layer's ratio is below
                                ERROR; 0.05 where none is given
        --bos auto|always|never
                                put a BOS token in front of every chunk; auto does
                                what the tokenizer does (default: auto)
        --query next|greedy|last:K|all[:STRIDE]
                                the attention rows to measure: of the corpus's next
                                token, of the model's own, of the last K, or of every
                                STRIDE-th from 32 on (default: next)
        --score SCORE           what decides which positions are dropped: see below
                                (default: key-norm)
        --output-error          also measure how far dropping moves what attention
                                adds to the residual stream: what plan makes its best
                                plans of
        --precision f32|bf16    arithmetic (default: f32)
        --threads T             worker threads (default: one a core)
        --memory SIZE           memory for the chunks worked on together, such as 4G
                                (default: a quarter of the machine's)
        --separator none|eos    what stands between documents (default: none)
        --rope ROPE             rotary embedding of models that do not say how to run
                                them: base:BASE, none, linear:FACTOR, dynamic:FACTOR
                                or dynamic:FACTOR@LENGTH, or base:BASE,SCALING
                                (default: what the model says)
        --pre NAME              pre-tokenizer of a GGUF file (default: what the file
                                says)
        --ids                   read token ids, as tokenize prints them
        --format auto|text|jsonl
                                what files of the corpus hold: one text each, or JSON
                                records; auto goes by their names, else by what is in
                                them (default: auto)
        --text-field NAME       the field of a JSON record that is its text, or a list
                                of messages (default: text, or messages)
        --capture TEXT          also store attention maps, key norms, keys and values
                                of this prompt, as capture does
        --max-size SIZE         refuse a larger capture (default: 1G)
        --strict                refuse a corpus that is not UTF-8
        --out DIR               results folder (default: alr-results/NAME)
        --force                 overwrite the results of a different run, or write
                                among other files
        --json                  print the result as JSON instead of tables
        --quiet                 no progress
        --print-command         print the command that repeats this run, every option
                                spelled out, and stop
        --help                  show this help
        --version               show the version

      Scores, and what they let stay:
        key-norm            the lowest key norms (the paper)
        key-norm-high       the highest key norms
        random              any, drawn for each KV head
        streaming           the first tokens and the most recent
        value-norm          the highest value norms
        key-diff            the keys least like the mean key
        lag-kv              what stands out against the tokens that follow it
        leverage            the keys that the others do not span
        tova                what the last token attends to; needs attention
        h2o                 what all tokens so far attended to most; needs attention
        snap-kv             what the last 64 tokens attend to, smoothed; needs
                            attention
        expected-attention  what queries to come should attend to; needs attention

      Examples:
        alr-analyze ./SmolLM2-135M wikipedia.txt
        alr-analyze analyze model.gguf texts/ --max-chunks 64 --query all:16
      """
    #expect(screen("analyze", "--help") == expected + "\n")
    #expect(screen("model", "corpus", "--help") == expected + "\n")
  }

  @Test func inspectScreen() {
    let expected = """
      Show architecture, sizes, tokenizer, and the memory and time that a run will
      need.

      Usage: alr-analyze inspect MODEL [options]

      Arguments:
        MODEL  a model as analyze takes it

      Options:
        --chunk-length N      cached positions of a chunk (default: 1024, or the
                              model's context - 1)
        --max-chunks C        chunks of the run (default: those of a corpus)
        --precision f32|bf16  arithmetic (default: f32)
        --threads T           worker threads (default: one a core)
        --memory SIZE         memory for the chunks worked on together, such as 4G
                              (default: a quarter of the machine's)
        --rope ROPE           rotary embedding of models that do not say how to run
                              them: base:BASE, none, linear:FACTOR, dynamic:FACTOR or
                              dynamic:FACTOR@LENGTH, or base:BASE,SCALING (default:
                              what the model says)
        --pre NAME            pre-tokenizer of a GGUF file (default: what the file
                              says)
        --json                print a JSON object
        --help                show this help
        --version             show the version

      Examples:
        alr-analyze inspect ./SmolLM2-135M
        alr-analyze inspect model.gguf --chunk-length 4096 --max-chunks 64
      """
    #expect(screen("inspect", "--help") == expected + "\n")
  }

  @Test func tokenizeScreen() {
    let expected = """
      Show the token ids of texts, one line a text, or texts of ids.

      Usage: alr-analyze tokenize MODEL [FILE...] [options]

      Arguments:
        MODEL  a model as analyze takes it, or a tokenizer.json; needs no weights
        FILE   texts, each one line of ids; standard input where none is named

      Options:
        --special       add the special tokens that the tokenizer puts around a text
        --pieces        show pieces of the vocabulary instead of ids or text
        --decode        show the text of ids: files hold what tokenize prints, a text
                        a line
        --skip-special  leave special tokens out of decoded text
        --pre NAME      pre-tokenizer of a GGUF file (default: what the file says)
        --json          print a JSON array, one object a text
        --help          show this help
        --version       show the version

      Examples:
        alr-analyze tokenize ./SmolLM2-135M notes.txt
        alr-analyze tokenize model.gguf --special --pieces
        alr-analyze tokenize model.gguf ids.txt --decode
      """
    #expect(screen("tokenize", "model", "-h") == expected + "\n")
  }

  @Test func captureScreen() {
    let expected = """
      Store attention maps, key norms, keys and values of one prompt.

      Usage: alr-analyze capture MODEL [options]

      Arguments:
        MODEL  a model as analyze takes it

      Options:
        --text TEXT             the prompt
        --file FILE             a file with the prompt, or - for standard input
        --layers LIST           layers to keep, such as 0,5-8 (default: all)
        --heads LIST            query heads to keep of each, with the keys they read
                                (default: all)
        --what LIST             what to keep: attention, norms, keys, values,
                                rotated-keys, rotated-queries, or all (default:
                                attention,norms,keys,values)
        --threshold T           keep only attention scores above T, as sparse rows
        --format npz|safetensors
                                file format (default: as --out says, npz)
        --max-size SIZE         refuse to keep more than this (default: 1G)
        --bos auto|always|never
                                put a BOS token in front; auto does what the tokenizer
                                does (default: auto)
        --precision f32|bf16    arithmetic (default: f32)
        --threads T             worker threads (default: one a core)
        --rope ROPE             rotary embedding of models that do not say how to run
                                them: base:BASE, none, linear:FACTOR, dynamic:FACTOR
                                or dynamic:FACTOR@LENGTH, or base:BASE,SCALING
                                (default: what the model says)
        --pre NAME              pre-tokenizer of a GGUF file (default: what the file
                                says)
        --out PATH              folder or file to write (default:
                                alr-results/NAME-capture)
        --force                 overwrite an earlier capture
        --json                  print what the first token does as JSON instead of a
                                table
        --quiet                 no progress
        --print-command         print the command that repeats this run, every option
                                spelled out, and stop
        --help                  show this help
        --version               show the version

      Examples:
        alr-analyze capture ./SmolLM2-135M --file prompt.txt --what all
        alr-analyze capture model.gguf --file essay.txt --layers 0,5-8 --threshold 0.1
      """
    #expect(screen("capture", "--help") == expected + "\n")
  }

  /// The list of figures follows from the registry: one more needs no other line here.
  @Test func figureScreen() {
    let entries =
      FigureRegistry.all.map { ($0.name, $0.summary) }
      + FigureRegistry.captures.map { ($0.name, $0.summary) }
      + EvaluationFigures.all.map { ($0.name, $0.summary) }
    let column = (entries.map(\.0.count).max() ?? 0) + 4
    let figures = entries.map { name, summary in
      "  " + name + String(repeating: " ", count: column - 2 - name.count) + summary
    }.joined(separator: "\n")
    #expect(figures.contains("  alr              ALR of every layer and head (Fig. 1)\n"))
    let expected = """
      Draw the figures of results or a capture again, in any format, size and colour
      map.

      Usage: alr-analyze figure RESULTS [options]

      Arguments:
        RESULTS  a folder of results, an evaluation or a capture, or a capture file

      Options:
        --figure NAME           which figure, of those below (default: all)
        --format svg|png|pdf|html
                                file format (default: svg)
        --color-map NAME        colours of heatmaps: viridis, magma, cividis,
                                diverging (default: the figure's own)
        --theme light|dark      background; html follows the reader's (default: light)
        --scale S               pixels of a PNG a unit, 0.25 to 16 (default: 2)
        --layers L,...          layers of figures that show single heads, such as
                                0,8-11, or all
        --heads H,...           heads of such figures: LAYER.HEAD such as 0.1,10.3, or
                                of the layers chosen such as 0,4-6, or all
        --positions LIST        positions that key-vector shows, such as 0,3-5
        --step QUERY            the query from which peak-dimensions changes keys
                                (default: the middle)
        --dimensions D          dimensions of a key that peak-dimensions zeroes
                                (default: one in 32)
        --pool N                points along the input averaged into one (default: as
                                the plot has room)
        --skip N                points along the input left out at its beginning
                                (default: 30)
        --out DIR               folder to write to (default: RESULTS/figures)
        --open                  show the file, or the folder of several, when written
        --help                  show this help
        --version               show the version

      Figures:
      \(figures)

      Examples:
        alr-analyze figure alr-results/SmolLM2-135M --format png --scale 4
        alr-analyze figure alr-results/gpt2 --figure attention-loss --heads 0.0,10.3
        alr-analyze figure alr-results/gpt2 --figure scatter --heads all --open
        alr-analyze figure capture.npz --figure attention-map --layers 9
        alr-analyze figure alr-results/gpt2-lm --figure log-perplexity --pool 50
      """
    #expect(screen("figure", "--help") == expected + "\n")
  }

  @Test func tableScreen() {
    let expected = """
      Print a table of a results folder as Markdown, LaTeX or CSV.

      Usage: alr-analyze table RESULTS [options]

      Arguments:
        RESULTS  a results folder

      Options:
        --rows layers|heads|kv-heads
                                what a row is about (default: layers)
        --format md|tex|csv     Markdown, LaTeX (with booktabs), or CSV with every
                                digit (default: md)
        --layers L,...          only rows of these layers, such as 0,8-11 (default:
                                all)
        --help                  show this help
        --version               show the version

      Examples:
        alr-analyze table alr-results/SmolLM2-135M
        alr-analyze table alr-results/gpt2 --rows kv-heads --layers 0-2 --format tex
      """
    #expect(screen("table", "--help") == expected + "\n")
  }

  @Test func helpIsACommandToo() {
    #expect(screen("help") == screen("--help"))
    #expect(screen("help", "figure") == screen("figure", "--help"))
  }

  @Test func versionScreen() {
    #expect(screen("--version") == "alr-analyze 0.1.0\n")
    #expect(screen("analyze", "--version") == "alr-analyze 0.1.0\n")
  }

  @Test func everyScreenFitsEightyColumnsAndHasAnExample() {
    for command in commandRegistry {
      let screen = HelpScreen.command(command.spec)
      for line in screen.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
      #expect(!command.spec.examples.isEmpty)
      #expect(command.spec.examples.allSatisfy { $0.hasPrefix("alr-analyze ") })
    }
  }

  /// Examples are command lines that the parser takes.
  @Test func examplesParse() throws {
    for command in commandRegistry {
      for example in command.spec.examples {
        var words = example.split(separator: " ").dropFirst().map(String.init)
        let name = command.spec.name.split(separator: " ").map(String.init)
        if words.starts(with: name) { words.removeFirst(name.count) }
        _ = try ArgumentParser(command: command.spec).parse(words)
      }
    }
  }

  @Test func compareScreen() {
    let expected = """
      Set eviction scores side by side on MODEL and CORPUS, or the results of two
      runs.

      Usage: alr-analyze compare MODEL CORPUS... [options]

      Arguments:
        MODEL   a model as analyze takes it, or a results folder of analyze
        CORPUS  texts as analyze takes them, or another results folder

      Options:
        --score SCORE           what decides which positions are dropped: see below;
                                may be given several times (default: those that need
                                no attention)
        --chunk-length N        cached positions of a chunk (default: 1024, or the
                                model's context - 1)

      """
    #expect(screen("compare", "--help").hasPrefix(expected.dropLast()))
    #expect(screen("compare", "--help").contains("\nScores, and what they let stay:\n  key-norm "))
  }

  /// A name that is a rule and a score stands there once.
  @Test func policiesAreNamedOnce() {
    let lines = screen("evaluate", "lm", "--help").split(separator: "\n")
    for name in ["random", "streaming", "tova"] {
      #expect(lines.count { $0.hasPrefix("  \(name) ") } == 1)
    }
  }

  @Test func benchScreen() {
    let expected = """
      Time this machine's peaks and what the kernels and a model's pass reach of them.

      Usage: alr-analyze bench [MODEL] [options]

      Arguments:
        MODEL  a model as analyze takes it; without one, kernels alone

      Options:
        --chunk-length N        cached positions of a chunk (default: 1024)
        --precision both|f32|bf16
                                arithmetic (default: both)
        --threads T             worker threads (default: one a core)
        --batch B               chunks that go through the layers together (default:
                                4)
        --rounds R              runs of each figure; the median counts (default: 5)
        --passes                only passes of MODEL and its decoding, no kernels
        --only NAME             only figures whose names begin or end so, such as
                                'query next'
        --json                  print a JSON object
        --help                  show this help
        --version               show the version

      Examples:
        alr-analyze bench
        alr-analyze bench ./SmolLM2-135M --rounds 9 --precision f32
      """
    #expect(screen("bench", "--help") == expected + "\n")
  }
}
