using System.Text;

namespace Fovea.Checkpoints;

/// <summary>Where the tensors of a checkpoint and those of a network differ.</summary>
public sealed record StateDictMismatch
{
    private const int Listed = 12;

    /// <summary>Tensors the network needs and the checkpoint lacks.</summary>
    public required IReadOnlyList<string> Missing { get; init; }

    /// <summary>Tensors the checkpoint has and the network does not know.</summary>
    public required IReadOnlyList<string> Unexpected { get; init; }

    /// <summary>Tensors of both with different shapes.</summary>
    public required IReadOnlyList<WrongShape> WrongShapes { get; init; }

    /// <summary>
    /// Tensors that hold integers in the one and real numbers in the other (quantised weights, for instance), with their types.
    /// </summary>
    public required IReadOnlyList<string> WrongTypes { get; init; }

    /// <summary>True where the checkpoint fits.</summary>
    public bool IsMatch => Missing.Count + Unexpected.Count + WrongShapes.Count + WrongTypes.Count == 0;

    /// <summary>Every difference in words, lists cut at a dozen, and what to do about it.</summary>
    public string Describe()
    {
        var text = new StringBuilder();
        Append(text, "missing", Missing);
        Append(text, "unexpected", Unexpected);
        Append(text, "of another shape", [.. WrongShapes.Select(wrong => wrong.ToString())]);
        Append(text, "of another type", WrongTypes);
        return text.Append('\n').Append(Advice()).ToString();
    }

    private string Advice()
    {
        // A classifier for another number of classes differs in the first size of its last weight and bias, and in nothing else.
        var counts = WrongShapes.Select(wrong => wrong.DiffersInFirstSizeOnly ? (wrong.Found[0], wrong.Expected[0]) : (-1, -1)).Distinct()
            .ToArray();
        bool onlyClasses = Missing.Count + Unexpected.Count + WrongTypes.Count == 0 && counts is [( > 0, > 0)];
        return onlyClasses
            ? $"The checkpoint was made for {counts[0].Item1} classes and the network for {counts[0].Item2}: give the network the "
                + "checkpoint's number of classes; a recipe that trains can say [model] classes = \"data\" for a new last layer."
            : "Check that architecture, number of classes and weights belong together; `fovea weights inspect FILE` lists what the file "
                + "holds.";
    }

    private static void Append(StringBuilder text, string what, IReadOnlyList<string> names)
    {
        if (names.Count == 0) return;
        text.Append($"\n  {names.Count} {what}: {string.Join(", ", names.Take(Listed))}");
        if (names.Count > Listed) text.Append($" and {names.Count - Listed} more");
    }
}

/// <summary>A tensor whose shape is not the one needed.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="Expected">The network's shape.</param>
/// <param name="Found">The checkpoint's shape.</param>
public sealed record WrongShape(string Name, IReadOnlyList<long> Expected, IReadOnlyList<long> Found)
{
    internal bool DiffersInFirstSizeOnly =>
        Expected.Count == Found.Count && Expected.Count > 0 && Expected.Skip(1).SequenceEqual(Found.Skip(1));

    /// <inheritdoc/>
    public override string ToString() => $"{Name} [{string.Join(", ", Found)}] for [{string.Join(", ", Expected)}]";
}
