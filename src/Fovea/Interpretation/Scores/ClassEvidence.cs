using Fovea.Models;
using Fovea.Numerics;

namespace Fovea.Interpretation;

/// <summary>
/// What another network reads in a unit's picture: how sure it is of the class that the unit stands for in its own network. A picture made
/// to please one network's peculiarities leaves the other cold.
/// </summary>
/// <param name="Unit">Channel or latent.</param>
/// <param name="Seed">The picture's seed.</param>
/// <param name="Class">The class the unit stands for.</param>
/// <param name="Probability">Its softmax probability in the other network, on this picture.</param>
/// <param name="Rank">The place of its logit, 1 for the largest; of equals the last.</param>
/// <param name="OtherProbability">The baseline: its mean probability on the pictures of all other units; NaN without others.</param>
/// <param name="OtherRank">Its mean rank on them.</param>
public sealed record ClassEvidence(int Unit, ulong Seed, int Class, double Probability, int Rank, double OtherProbability, double OtherRank)
{
    /// <summary>Shows pictures of one network's units to another network of the same classes.</summary>
    /// <param name="other">The other network (standard for modified, or the reverse); evaluation mode for the time of the call.</param>
    /// <param name="pictures">Pictures of units that have a class.</param>
    /// <param name="classOf">The class of a unit: the one it promotes most, or that with its largest mean.</param>
    /// <param name="batchSize">Pictures a forward pass.</param>
    /// <returns>By picture.</returns>
    /// <exception cref="FoveaException">A class is none of the other network's.</exception>
    public static IReadOnlyList<ClassEvidence> Measure(
        ImageModel other, IReadOnlyList<UnitPicture> pictures, Func<int, int> classOf, int batchSize = 32)
    {
        ArgumentNullException.ThrowIfNull(other);
        ArgumentNullException.ThrowIfNull(pictures);
        ArgumentNullException.ThrowIfNull(classOf);
        int[] classes = [.. pictures.Select(picture => classOf(picture.Unit))];
        foreach (int wanted in classes)
        {
            if (wanted < 0 || wanted >= other.Outputs)
                throw FoveaException.BadData($"Class {wanted} is none of the {other.Outputs} of {other.Architecture}.");
        }
        return Of(pictures, classes, PicturePass.Logits(other, pictures, batchSize));
    }

    /// <summary>Of given logits, <c>[pictures][classes]</c>.</summary>
    internal static IReadOnlyList<ClassEvidence> Of(IReadOnlyList<UnitPicture> pictures, IReadOnlyList<int> classes, double[][] logits)
    {
        double[][] probabilities = [.. logits.Select(Softmax.Of)];
        int Rank(int picture, int wanted) => logits[picture].Count(logit => logit >= logits[picture][wanted]);
        return
        [
            .. pictures.Select((picture, i) =>
            {
                int wanted = classes[i];
                int[] others = [.. Enumerable.Range(0, pictures.Count).Where(j => pictures[j].Unit != picture.Unit)];
                return new ClassEvidence(picture.Unit, picture.Seed, wanted, probabilities[i][wanted], Rank(i, wanted),
                    others.Select(j => probabilities[j][wanted]).DefaultIfEmpty(double.NaN).Average(),
                    others.Select(j => (double)Rank(j, wanted)).DefaultIfEmpty(double.NaN).Average());
            }),
        ];
    }
}
