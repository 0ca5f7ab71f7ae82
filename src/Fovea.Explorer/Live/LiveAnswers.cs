using System.Text.Json.Serialization;

namespace Fovea.Explorer.Live;

/// <summary>A layer that can be looked at.</summary>
/// <param name="Name">The layer.</param>
/// <param name="Sources"><c>neurons</c> and the names of its dictionaries.</param>
public sealed record LiveLayer(string Name, IReadOnlyList<string> Sources);

/// <summary>What can be asked of the network.</summary>
/// <param name="Architecture">Its name.</param>
/// <param name="Classes">Names of its outputs; empty where it is no classifier.</param>
/// <param name="Layers">In the network's order.</param>
/// <param name="Side">Width and height of an image as it sees it, in pixels.</param>
/// <param name="Head">The layer that gives the scores of its classes; empty where it has none.</param>
public sealed record LiveFacts(
    string Architecture, IReadOnlyList<string> Classes, IReadOnlyList<LiveLayer> Layers, (int Height, int Width) Side, string Head = "")
{
    /// <summary>Whether answers are logits of classes.</summary>
    public bool IsClassifier => Classes.Count > 0;
}

/// <summary>A class on an image.</summary>
/// <param name="Class">Its number.</param>
/// <param name="Name">Its name.</param>
/// <param name="Probability">By the softmax.</param>
/// <param name="Logit">Its score before that.</param>
public sealed record ClassScore(int Class, string Name, double Probability, double Logit);

/// <summary>A class before and after a change.</summary>
/// <param name="Class">Its number.</param>
/// <param name="Name">Its name.</param>
/// <param name="Before">Its probability in the unchanged network.</param>
/// <param name="After">With the changes.</param>
/// <param name="LogitBefore">Its score in the unchanged network.</param>
/// <param name="LogitAfter">With the changes.</param>
public sealed record ClassChange(int Class, string Name, double Before, double After, double LogitBefore, double LogitAfter);

/// <summary>What changes do to one image.</summary>
/// <param name="Classes">The classes that are likely before or after or change most, the likeliest after first; empty without classes.</param>
/// <param name="Cosine">Between the answers before and after.</param>
/// <param name="RelativeError">How far the answer moved, in lengths of the first.</param>
/// <param name="Milliseconds">How long the network took.</param>
public sealed record SteerOutcome(
    IReadOnlyList<ClassChange> Classes, double Cosine, double RelativeError, double Milliseconds)
{
    /// <summary>Version of the answer.</summary>
    [JsonPropertyOrder(-1)]
    public int Schema => 1;
}

/// <summary>A unit on an image.</summary>
/// <param name="Unit">Channel or latent.</param>
/// <param name="Magnitude">Σ|activation|.</param>
/// <param name="Peak">Its largest activation without sign.</param>
/// <param name="Row">Where that is.</param>
/// <param name="Column">Where that is.</param>
/// <param name="Positions">Positions where it is not zero.</param>
/// <param name="Share">What it adds to the class's logit; null where that is no sum over units.</param>
public sealed record UnitEntry(int Unit, double Magnitude, float Peak, int Row, int Column, int Positions, double? Share);

/// <summary>What a class's logit is made of.</summary>
/// <param name="Class">Its number.</param>
/// <param name="Name">Its name.</param>
/// <param name="Logit">The logit.</param>
/// <param name="Constant">What it is without any unit.</param>
/// <param name="Error">What the dictionary's error adds; null for neurons.</param>
/// <param name="Shown">What the units of the list add together.</param>
/// <param name="Others">What all others add.</param>
public sealed record LogitSum(
    int Class, string Name, double Logit, double Constant, double? Error, double Shown, double Others);

/// <summary>The units of a source on an image.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Source"><c>neurons</c>, or the dictionary's name.</param>
/// <param name="Rows">Rows of the grid.</param>
/// <param name="Columns">Columns of the grid.</param>
/// <param name="Units">Units in all.</param>
/// <param name="Active">Units that are not zero everywhere.</param>
/// <param name="Ranked">The first of them.</param>
/// <param name="Logit">What the class's logit is made of; null where that is no sum over units.</param>
public sealed record UnitsOfImage(
    string Layer, string Source, int Rows, int Columns, int Units, int Active, IReadOnlyList<UnitEntry> Ranked, LogitSum? Logit)
{
    /// <summary>Version of the answer.</summary>
    [JsonPropertyOrder(-1)]
    public int Schema => 1;
}

/// <summary>A unit at a position.</summary>
/// <param name="Unit">Channel or latent.</param>
/// <param name="Value">Its activation.</param>
public sealed record UnitAt(int Unit, float Value);

/// <summary>The strongest units of each position.</summary>
/// <param name="Rows">Rows of the grid.</param>
/// <param name="Columns">Columns of the grid.</param>
/// <param name="Cells">Row by row, of each position its units, the strongest first.</param>
public sealed record UnitGrid(int Rows, int Columns, IReadOnlyList<IReadOnlyList<UnitAt>> Cells)
{
    /// <summary>Version of the answer.</summary>
    [JsonPropertyOrder(-1)]
    public int Schema => 1;
}

/// <summary>A unit's value at each position.</summary>
/// <param name="Unit">Channel or latent.</param>
/// <param name="Rows">Rows of the grid.</param>
/// <param name="Columns">Columns of the grid.</param>
/// <param name="Values">Row by row.</param>
public sealed record UnitHeat(int Unit, int Rows, int Columns, IReadOnlyList<float> Values)
{
    /// <summary>Version of the answer.</summary>
    [JsonPropertyOrder(-1)]
    public int Schema => 1;
}

/// <summary>One side of neurons against latents.</summary>
/// <param name="Source"><c>neurons</c>, or the dictionary's name.</param>
/// <param name="Units">Units in all.</param>
/// <param name="Active">Units that answer to the image.</param>
/// <param name="Top">Those that are driven most.</param>
/// <param name="Half">How many units carry half of all magnitude.</param>
public sealed record SourceOnImage(string Source, int Units, int Active, IReadOnlyList<UnitEntry> Top, int Half);
