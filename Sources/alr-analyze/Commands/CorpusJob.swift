import AttentionAnalysis
import Inference
import Results
import Tokenization

/// A corpus on its way to chunks for a model.
struct CorpusJob {
  let options: CorpusOptions
  let session: ModelSession
  let console: Console
  let isQuiet: Bool
  let reading: Chunker.Reading

  init(options: CorpusOptions, session: ModelSession, console: Console, isQuiet: Bool) throws {
    self.options = options
    self.session = session
    self.console = console
    self.isQuiet = isQuiet
    reading = try Self.reading(options, session, console)
  }

  /// A corpus of ids needs no tokenizer; one that is there still tells BOS and EOS.
  private static func reading(
    _ options: CorpusOptions, _ session: ModelSession, _ console: Console
  ) throws -> Chunker.Reading {
    guard options.readsIDs else { return .text(try session.tokenizer()) }
    let tokenizer = try? session.tokenizer()
    if tokenizer == nil, options.bos == .auto {
      console.warn("no tokenizer can be read, so no BOS is put in front of the chunks")
    }
    return .ids(vocabularySize: session.model.spec.vocabularySize, tokenizer)
  }

  /// Tokenises no more of the corpus than the chunks take.
  ///
  /// - Parameters:
  ///   - maxChunks: in place of what was asked for.
  ///   - tells: whether to say how the corpus was read.
  func cut(
    chunkLength: Int, maxChunks: Int? = nil, tells: Bool = true
  ) throws -> (summary: CorpusSummary, tokens: [[Int32]]) {
    let interruption = console.interruption
    let corpus = try corpus(interruption)
    let chunker = try Chunker(
      reading: reading, chunkLength: chunkLength, bos: options.bos,
      separatesByEOS: options.separator == .eos, maximumChunks: maxChunks ?? options.maxChunks,
      threads: session.options.threads)
    let chunks: ChunkedCorpus
    do throws(CorpusError) {
      chunks = try self.chunks(chunker, of: corpus)
    } catch {
      try interruption.check()
      throw error
    }
    if tells {
      CorpusNotes(corpus, chunks, readsIDs: options.readsIDs).tell(console, isQuiet: isQuiet)
    }
    return (CorpusSummary(chunks, name: corpus.name), (0..<chunks.count).map { chunks[$0] })
  }

  private func corpus(_ interruption: Interruption) throws -> Corpus {
    for path in options.paths { try WrongKind.checkText(path) }
    do throws(CorpusError) {
      return try Corpus(
        options.paths,
        options: Corpus.Options(
          format: options.format, textField: options.textField, isStrict: options.isStrict),
        isCancelled: { interruption.isRequested })
    } catch .noTextFiles(let folder, let leftOut) {
      throw WrongKind.insteadOfTexts(folder, .noTextFiles(folder: folder, leftOut: leftOut))
    } catch {
      throw error
    }
  }

  /// The chunk length that is suggested for a short corpus fits the model too.
  private func chunks(
    _ chunker: Chunker, of corpus: Corpus
  ) throws(CorpusError) -> ChunkedCorpus {
    do throws(CorpusError) {
      return try chunker.chunks(of: corpus)
    } catch .tooShort(let tokens, let needed, let fitting?) {
      throw .tooShort(
        tokens: tokens, needed: needed,
        fitting: min(fitting, max(1, session.model.spec.contextLength - 1)))
    } catch {
      throw error
    }
  }
}
