namespace Fovea.Runs.Graph;

/// <summary>A piece of a stage that can be made by itself.</summary>
internal sealed record StagePart
{
    /// <summary>A part.</summary>
    /// <param name="name">Unique in its stage; becomes a part of file names: letters, digits, dots, <c>-</c> and <c>_</c>.</param>
    /// <param name="make">
    /// Makes the part, or goes on making it. Gets a folder of scratch that is the part's own and lives until the stage is complete:
    /// checkpoints and whatever a continuation needs go there. Results go into the stage's folder. What is drawn is drawn by item, so that
    /// the order of parts changes no byte.
    /// </param>
    public StagePart(string name, Action<string> make)
    {
        if (name.Length == 0 || name[0] == '.' || !name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.'))
            throw new ArgumentException($"'{name}' cannot name a part of a stage.", nameof(name));
        (Name, Make) = (name, make);
    }

    /// <summary>Which part.</summary>
    public string Name { get; }

    /// <summary>Makes it; gets its folder of scratch.</summary>
    public Action<string> Make { get; }

    /// <summary>
    /// Names of parts of the same stage, before it in the stage's list, that must be done first. What they left in their scratch can be
    /// read: it lies beside the part's own, under their names, until the stage is complete.
    /// </summary>
    public IReadOnlyList<string> After { get; init; } = [];
}
