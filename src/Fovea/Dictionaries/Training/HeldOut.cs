using Fovea.Activations;

namespace Fovea.Dictionaries.Training;

/// <summary>Vectors held out from a training, which is measured on them.</summary>
/// <param name="Split">Their name in <c>history.jsonl</c>: <c>validation</c>, or <c>validation/&lt;filter&gt;</c> for further sets.</param>
/// <param name="Rows">Rows of the source; may be empty.</param>
public sealed record HeldOut(string Split, RowSet Rows)
{
    /// <summary>The set that a training's final numbers are about.</summary>
    public const string Main = "validation";
}
