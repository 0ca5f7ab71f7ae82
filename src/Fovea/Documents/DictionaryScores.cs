namespace Fovea.Documents;

/// <summary>What a dictionary does to a set of vectors, and what its directions look like.</summary>
/// <param name="Scores">FVU, L0, density, shrinkage; the loss is the squared error on vectors as they are, without a penalty.</param>
/// <param name="Coherence">Cosines between its directions.</param>
public sealed record DictionaryScores(AutoencoderScores Scores, DirectionCoherence Coherence);

/// <summary>Cosines between the directions of one dictionary.</summary>
/// <param name="Maximum">The largest |cosine| of two directions.</param>
/// <param name="MeanMaximum">The mean over directions of the largest |cosine| with another one.</param>
/// <param name="Mean">The mean |cosine| of two different directions.</param>
public sealed record DirectionCoherence(double Maximum, double MeanMaximum, double Mean);
