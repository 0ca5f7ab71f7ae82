using Fovea.Dictionaries.Sparse;

namespace Fovea.Runs.Stages.Sweeps;

/// <summary>One autoencoder of a sweep.</summary>
/// <param name="Id">Its folder: the label and what varies, e.g. <c>topk-32-x4</c>.</param>
/// <param name="Setting">The folder without the seed: what members that differ in nothing else have in common.</param>
/// <param name="Label">What points that differ in one setting have in common.</param>
/// <param name="Filter">The filter whose draws it is trained on.</param>
/// <param name="Options">How it is trained.</param>
/// <param name="Seed">Which of several seeds, from 0.</param>
/// <param name="Clips">Clip values to measure it at, on scaled vectors; empty: its own.</param>
internal sealed record SweepMember(
    string Id, string Setting, string Label, string Filter, AutoencoderOptions Options, int Seed, IReadOnlyList<double> Clips);
