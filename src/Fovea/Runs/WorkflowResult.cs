namespace Fovea.Runs;

/// <summary>What a finished run amounts to, for people and for <c>--json</c>.</summary>
/// <param name="Run">The run folder.</param>
/// <param name="Top1">Top-1 accuracy of the run's network on the validation images, a fraction.</param>
/// <param name="Top5">Top-5 accuracy, a fraction.</param>
/// <param name="Loss">Mean cross-entropy.</param>
/// <param name="Images">Validation images.</param>
/// <param name="Layers">The harvested layers.</param>
/// <param name="Dictionaries">The autoencoders.</param>
public sealed record WorkflowResult(
    string Run, double Top1, double Top5, double Loss, int Images, IReadOnlyList<LayerResult> Layers, IReadOnlyList<DictionaryResult> Dictionaries);

/// <summary>One harvested layer.</summary>
public sealed record LayerResult(string Layer, long Vectors, int Channels, IReadOnlyList<int> Grid, IReadOnlyList<FilterResult> Filters);

/// <summary>One filter of a layer.</summary>
public sealed record FilterResult(string Name, double AllZeroFraction);

/// <summary>One autoencoder, judged on held-out images.</summary>
public sealed record DictionaryResult(string Name, string Layer, string Architecture, int DIn, int DSae, double L0, double Fvu, double DeadFraction, double Loss);
