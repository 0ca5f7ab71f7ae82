namespace Fovea.Explorer.Server.Api;

/// <summary>A thing of the run and its address below <c>/api</c>; without that beginning it is its page's.</summary>
internal sealed record ApiLink(string Name, string Address);

/// <summary>A source of units: <c>neurons</c> or a dictionary.</summary>
internal sealed record ApiSource(string Name, string Address, string Units, int Count, int WithPictures);

/// <summary><c>/api</c>: the run.</summary>
internal sealed record ApiRun(
    string Title, string Version, bool ReadOnly, string? Architecture, int Classes, IReadOnlyList<ApiLink> Layers, IReadOnlyList<string> Unfinished,
    IReadOnlyList<string> Problems)
{
    public int Schema => 1;
}

/// <summary><c>/api/l/LAYER</c>: a layer.</summary>
internal sealed record ApiLayer(
    string Name, ActivationManifest? Manifest, ApiSource? Neurons, IReadOnlyList<ApiLink> Dictionaries, IReadOnlyList<ApiLink> Sweeps,
    IReadOnlyList<ApiLink> Comparisons, IReadOnlyList<ApiLink> Circuits)
{
    public int Schema => 1;
}

/// <summary><c>/api/l/LAYER/s/DICTIONARY</c>: a dictionary.</summary>
internal sealed record ApiDictionary(
    string Layer, string Name, SaeConfiguration? Configuration, AutoencoderReport? Report, SpliceDocument? Splice,
    FaithfulnessDocument? Faithfulness, ApiSource? Latents)
{
    public int Schema => 1;
}

/// <summary><c>…/g</c>: a page of the units of a source.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Source"><c>neurons</c> or the dictionary.</param>
/// <param name="Query">The query as it was understood.</param>
/// <param name="Total">Units in all.</param>
/// <param name="Matching">Those within the bounds.</param>
/// <param name="Page">The page, from 1.</param>
/// <param name="Pages">How many there are.</param>
/// <param name="Numbers">The numbers by which they can be sorted and bounded: key and words.</param>
/// <param name="Units">Those of the page.</param>
internal sealed record ApiGallery(
    string Layer, string Source, string Query, int Total, int Matching, int Page, int Pages, IReadOnlyDictionary<string, string> Numbers,
    IReadOnlyList<ApiTile> Units)
{
    public int Schema => 1;
}

/// <summary>A unit in a gallery; numbers that are not known are left out.</summary>
internal sealed record ApiTile(
    int Unit, string Address, string TopClass, IReadOnlyDictionary<string, double> Numbers, ApiPlace? Picture);

/// <summary>A picture: the file below <c>/media</c>, and the rectangle of it.</summary>
internal sealed record ApiPlace(string Address, int Left, int Top, int Width, int Height);

/// <summary><c>…/f/UNIT</c>: a unit.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Source"><c>neurons</c> or the dictionary.</param>
/// <param name="Unit">The unit.</param>
/// <param name="TopClass">The class that drives it most; empty where that is not known.</param>
/// <param name="Numbers">What is known of it, by key.</param>
/// <param name="Previous">The unit before it in the order that the query says.</param>
/// <param name="Next">The unit after it.</param>
/// <param name="Place">Its place in that order, from 1; null where the query leaves it out.</param>
/// <param name="Pictures">Its pictures by optimisation.</param>
/// <param name="Examples">Images shown for it.</param>
/// <param name="Evidence">What a pass over the images measured.</param>
internal sealed record ApiUnit(
    string Layer, string Source, int Unit, string TopClass, IReadOnlyDictionary<string, double> Numbers, string? Previous, string? Next, int? Place,
    IReadOnlyList<ApiUnitPicture> Pictures, IReadOnlyList<ApiExample> Examples, UnitEvidence? Evidence)
{
    public int Schema => 1;
}

/// <summary>A picture of a unit.</summary>
internal sealed record ApiUnitPicture(string Preset, double? Activation, double? Peak, ApiPlace Place);

/// <summary>An image shown for a unit.</summary>
internal sealed record ApiExample(
    string Kind, int Rank, string Image, int ImageIndex, int Label, string ClassName, float Value, int Y, int X, ApiPlace? Crop, ApiPlace? Heat);
