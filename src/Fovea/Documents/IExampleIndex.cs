namespace Fovea.Documents;

/// <summary>The examples of a source of units, of which a unit's rows are read when they are asked for.</summary>
public interface IExampleIndex
{
    /// <summary>Units that have rows.</summary>
    IReadOnlySet<int> Units { get; }

    /// <summary>Those of which some example has a picture.</summary>
    IReadOnlySet<int> Pictured { get; }

    /// <summary>The rows of a unit, in their order; none where it has none.</summary>
    /// <exception cref="FoveaException">Data: they cannot be read.</exception>
    IReadOnlyList<ExampleRow> Of(int unit);

    /// <summary>
    /// The strongest of a unit's examples; null where it has none. Remembered: galleries and lists of near units ask for the same again and
    /// again.
    /// </summary>
    /// <exception cref="FoveaException">Data: they cannot be read.</exception>
    ExampleRow? Strongest(int unit);
}
