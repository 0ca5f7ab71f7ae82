namespace Fovea.Documents;

/// <summary>
/// A run to be read: which layers, dictionaries, sweeps and sources of units it has, and each document, table, tensor row and picture on
/// demand. A folder is one today; something that watches a folder, or asks another machine, would be one too. Addresses are relative to the
/// run, with forward slashes (<see cref="RunLayout"/>). What is not there is null or empty; what is there and cannot be read is a
/// <see cref="FoveaException"/> of kind Data.
/// </summary>
public interface IRunReader
{
    /// <summary>What to call the run in messages.</summary>
    string Name { get; }

    /// <summary>
    /// A word that changes when a stage of the run begins, ends or is taken back and when pictures that were asked for come, and stays
    /// meanwhile; cheap to ask for.
    /// </summary>
    string Version { get; }

    /// <summary>
    /// A word that changes when a file is written anew, and is empty where there is none: what was read of it holds as long as the word is
    /// the same. Cheap to ask for.
    /// </summary>
    /// <param name="address">Its place in the run.</param>
    /// <exception cref="FoveaException">Data: the address leads out of the run.</exception>
    string Stamp(string address);

    /// <summary>Layers that any stage left something of, by name.</summary>
    IReadOnlyList<string> Layers { get; }

    /// <summary>
    /// Folders of the stages that were begun, by name: each holds a <see cref="StageRecord"/> (<see cref="RunLayout.Stage"/>).
    /// </summary>
    IReadOnlyList<string> StageFolders { get; }

    /// <summary>Trainings beside the network's (figure 4), by name.</summary>
    IReadOnlyList<string> OtherTrainings { get; }

    /// <summary>The dictionaries of a layer, by name.</summary>
    IReadOnlyList<string> Dictionaries(string layer);

    /// <summary>The sweeps of a layer, by name.</summary>
    IReadOnlyList<string> Sweeps(string layer);

    /// <summary>Sources of units with tables: <c>neurons</c> and the names of dictionaries.</summary>
    IReadOnlyList<string> Sources(string layer);

    /// <summary>The numbers of a layer's comparisons, ascending.</summary>
    IReadOnlyList<int> Comparisons(string layer);

    /// <summary>The circuits that end in a layer, by name.</summary>
    IReadOnlyList<string> Circuits(string layer);

    /// <summary>
    /// Pictures that were asked for on a layer beside those of the last stage: addresses without an ending, in order. Each has a
    /// <see cref="PictureRecord"/> (<c>.json</c>) and a picture (<c>.png</c>).
    /// </summary>
    IReadOnlyList<string> Asked(string layer);

    /// <summary>A document; null where it is absent.</summary>
    /// <param name="address">Its place in the run.</param>
    /// <exception cref="FoveaException">Data: it is damaged, of another schema, or the address leads out of the run.</exception>
    TDocument? Find<TDocument>(string address)
        where TDocument : class, IDocument;

    /// <summary>The documents of a JSON-lines file; none where it is absent.</summary>
    /// <exception cref="FoveaException">As <see cref="Find{TDocument}"/>.</exception>
    IReadOnlyList<TLine> Lines<TLine>(string address)
        where TLine : class, IDocument;

    /// <summary>How a dictionary was made (SAELens' layout); null where it does not say.</summary>
    /// <exception cref="FoveaException">Data: it is damaged.</exception>
    SaeConfiguration? Configuration(string layer, string dictionary);

    /// <summary>A text such as the recipe; null where it is absent.</summary>
    /// <exception cref="FoveaException">Data: it cannot be read, or the address leads out of the run.</exception>
    string? Text(string address);

    /// <summary>Rows of <c>features.parquet</c>; null where there is no such table.</summary>
    /// <exception cref="FoveaException">Data: it is damaged or lacks a column.</exception>
    IReadOnlyList<FeatureRow>? Features(string layer, string source);

    /// <summary>Rows of <c>examples.parquet</c>; null where there is no such table.</summary>
    /// <exception cref="FoveaException">Data: it is damaged or lacks a column.</exception>
    IReadOnlyList<ExampleRow>? Examples(string layer, string source);

    /// <summary>The same rows, of which a unit's are read when asked for; null where there is no such table.</summary>
    /// <exception cref="FoveaException">Data: it is damaged or lacks a column.</exception>
    IExampleIndex? ExampleIndex(string layer, string source);

    /// <summary>What the evidence pass measured of one unit; null where nothing was. Only that unit's rows are read.</summary>
    /// <exception cref="FoveaException">Data: the file is damaged or has tensors of other shapes.</exception>
    UnitEvidence? Evidence(string layer, string source, int unit);

    /// <summary>Rows of <c>effects.parquet</c>; null where there is no such table.</summary>
    /// <exception cref="FoveaException">Data: it is damaged or lacks a column.</exception>
    IReadOnlyList<EffectRow>? Effects(string layer, string source);

    /// <summary>The bytes of a picture, to be disposed of by the caller; null where it is absent.</summary>
    /// <exception cref="FoveaException">Data: it cannot be read, or the address leads out of the run.</exception>
    Stream? Picture(string address);
}
