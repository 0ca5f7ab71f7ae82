using Fovea.Models;

namespace Fovea.Cli.Commands;

/// <summary>The engines that a command's network was read by, in the order in which they first were.</summary>
internal sealed class EnginesSaid
{
    private readonly List<string> _words = [];

    /// <summary>For people and documents; null: nothing of the network was read.</summary>
    public string? InWords => _words.Count == 0 ? null : string.Join("; ", _words);

    public void Add(ReadingEngine engine)
    {
        if (!_words.Contains(engine.InWords)) _words.Add(engine.InWords);
    }

    /// <summary>The line for people, where there is anything to say.</summary>
    public void Write(TextWriter text)
    {
        if (InWords is { } words) text.WriteLine($"engine  {words}");
    }
}
