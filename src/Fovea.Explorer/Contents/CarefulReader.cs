using System.Collections.Concurrent;

namespace Fovea.Explorer.Contents;

/// <summary>Asks a run, and keeps as a sentence what it could not answer: pages show all that can be read.</summary>
/// <param name="run">The run.</param>
internal sealed class CarefulReader(IRunReader run)
{
    private readonly ConcurrentQueue<string> _problems = new();

    /// <summary>The run.</summary>
    public IRunReader Run => run;

    /// <summary>What could not be read until now, in the order in which it was asked for.</summary>
    public IReadOnlyList<string> Problems => [.. _problems];

    /// <summary>A document; null where it is absent or cannot be read.</summary>
    public TDocument? Find<TDocument>(string address)
        where TDocument : class, IDocument => Try(() => run.Find<TDocument>(address));

    /// <summary>The documents of a JSON-lines file; none where it is absent or cannot be read.</summary>
    public IReadOnlyList<TLine> Lines<TLine>(string address)
        where TLine : class, IDocument => Try(() => run.Lines<TLine>(address)) ?? [];

    /// <summary>The answer to any question; null where there is none or it cannot be read.</summary>
    public T? Try<T>(Func<T?> question)
        where T : class
    {
        try
        {
            return question();
        }
        catch (FoveaException e) when (e.Kind == FailureKind.Data)
        {
            Tell(e.Message);
            return null;
        }
    }

    /// <summary>Adds a sentence, unless it was said before.</summary>
    public void Tell(string problem)
    {
        string said = Anywhere(run, problem);
        if (!_problems.Contains(said)) _problems.Enqueue(said);
    }

    /// <summary>A sentence about a run without its place on this machine, which would make two copies of a run differ.</summary>
    public static string Anywhere(IRunReader run, string sentence) => sentence.Replace(run.Name, "RUN", StringComparison.Ordinal);
}
