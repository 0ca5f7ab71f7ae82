using Fovea.Interpretation;
using Fovea.Numerics;
using Xunit;

namespace Fovea.Tests.Interpretation;

public sealed class ClassPurityTests
{
    [Fact]
    public void Shares_equal_a_loop_over_images_for_any_batches()
    {
        const int images = 90, positions = 3, units = 11, classes = 4;
        var random = new CounterRandom(2, "purity", 0);
        float[] values = [.. Enumerable.Range(0, images * positions * units).Select(_ => Math.Max(0, (float)random.NextGaussian() - 1))];
        int[] labels = [.. Enumerable.Range(0, images).Select(_ => random.NextInt(classes))];
        ClassPurityScore[]? whole = null;
        foreach (int batch in new[] { images, 1, 8 })
        {
            var purity = new ClassPurity(units, [.. Enumerable.Range(0, images)], image => labels[image], classes, 0.2, seed: 4);
            for (int start = 0; start < images; start += batch)
            {
                int count = Math.Min(batch, images - start);
                purity.Add(values.AsSpan(start * positions * units, count * positions * units), 1, positions,
                    [.. Enumerable.Range(start, count)]);
            }
            whole ??= [.. purity.Finish()];
            Assert.Equal(whole, purity.Finish());
        }
        for (int unit = 0; unit < units; unit++)
        {
            double Peak(int image) => Enumerable.Range(0, positions).Max(p => values[(image * positions + p) * units + unit]);
            int[] active = [.. Enumerable.Range(0, images).Where(image => Peak(image) > 0.2f)];
            var byClass = active.GroupBy(image => labels[image]).ToArray();
            Assert.Equal(active.Length, whole![unit].ActiveImages);
            Assert.Equal((double)byClass.Max(one => one.Count()) / active.Length, whole[unit].Binary, 1e-12);
            Assert.Equal(byClass.Max(one => one.Sum(Peak)) / active.Sum(Peak), whole[unit].Weighted, 1e-12);
            Assert.Equal(byClass.OrderByDescending(one => one.Count()).ThenBy(one => one.Key).First().Key, whole[unit].ModalClass);
        }
    }

    [Fact]
    public void Fewer_than_five_images_of_a_unit_or_of_classes_have_no_purity()
    {
        // Twelve images of two classes, and one each of four more: only the two count.
        int[] labels = [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 3, 4, 5];
        var purity = new ClassPurity(3, [.. Enumerable.Range(0, 16)], image => labels[image], 6, 0);
        for (int i = 0; i < 16; i++) purity.Add([i < 4 ? 1 : 0, i < 5 ? 1 : 0, 1], 1, 1, [i]);
        var scores = purity.Finish();
        Assert.Equal((4, -1, double.NaN), (scores[0].ActiveImages, scores[0].ModalClass, scores[0].Binary));
        Assert.Equal((5, 0, 1.0), (scores[1].ActiveImages, scores[1].ModalClass, scores[1].Binary));
        Assert.Equal((12, 0, 0.5), (scores[2].ActiveImages, scores[2].ModalClass, scores[2].Binary));
        var single = new ClassPurity(1, [0, 1, 2, 3, 4, 5], image => image, 6, 0);
        for (int i = 0; i < 6; i++) single.Add([1], 1, 1, [i]);
        Assert.True(double.IsNaN(single.Finish()[0].Weighted) && double.IsNaN(single.Finish()[0].ShuffledWeighted));
    }

    [Fact]
    public void Only_a_unit_of_one_class_differs_from_shuffled_labels()
    {
        const int images = 400;
        // Unit 0 fires on every image of class 1, unit 1 on all images, unit 2 on five of class 1, unit 3 never.
        var purity = new ClassPurity(4, [.. Enumerable.Range(0, images)], image => image % 2, 2, 0, shuffles: 5);
        for (int i = 0; i < images; i++) purity.Add([i % 2, 1, i % 80 == 7 ? 3 : 0, 0], 1, 1, [i]);
        var scores = purity.Finish();
        Assert.Equal((200, 1, 1.0, 1.0), (scores[0].ActiveImages, scores[0].ModalClass, scores[0].Binary, scores[0].Weighted));
        Assert.InRange(scores[0].ShuffledBinary, 0.5, 0.57);
        Assert.InRange(scores[0].ShuffledWeighted, 0.5, 0.57);
        Assert.Equal(
            (0.5, 0.5, 0.5),
                (scores[1].Binary, scores[1].ShuffledBinary, scores[1].ShuffledWeighted)); // shuffling keeps the classes' sizes
        Assert.Equal((5, 1.0), (scores[2].ActiveImages, scores[2].Binary));
        Assert.InRange(scores[2].ShuffledBinary, 0.6, 0.95); // the larger of two shares of five images
        Assert.Equal((0, -1), (scores[3].ActiveImages, scores[3].ModalClass));
        Assert.True(double.IsNaN(scores[3].Binary) && double.IsNaN(scores[3].ShuffledBinary));
    }

    [Fact]
    public void Unknown_images_and_labels_are_refused()
    {
        var purity = new ClassPurity(1, [4, 5], _ => 0, 1, 0);
        Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(() => purity.Add([1], 1, 1, [6])).Kind);
        Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(() => new ClassPurity(1, [4, 5], image => image, 5, 0)).Kind);
    }
}
