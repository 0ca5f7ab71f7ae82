using Fovea.Datasets;
using Fovea.Runs;
using Fovea.Runs.Settings;
using Xunit;

namespace Fovea.Tests.Datasets;

/// <summary>Where training is asked for and the data have no validation split, no image is in both.</summary>
public sealed class HoldOutTests
{
    [Theory]
    [InlineData("", "", "The data have no splits")]
    [InlineData("train/", "", "The data have no split val (train)")]
    [InlineData("train/", "test/9.png", "The data have no split val (train, test)")]
    [InlineData("training/", "test/a/9.png", "The data have no split val (train, test)")]
    public void A_seeded_stratified_part_is_held_out_and_said(string prefix, string more, string why)
    {
        using var data = new TestImages();
        foreach (string name in new[] { "a", "b", "c" })
        {
            for (int i = 0; i < (name == "c" ? 30 : 6); i++) data.Write($"in/{prefix}{name}/{i:00}.png", TestImages.Png(i));
        }
        if (more.Length > 0) data.Write("in/" + more, TestImages.Png(9));
        string path = Path.Combine(data.Root, "in");
        using IImageSource training = Open(path, 1, true), validation = Open(path, 1, false);
        Assert.Equal((37, 5), (training.Count, validation.Count));
        Assert.Empty(Ids(training).Intersect(Ids(validation)));
        Assert.Equal(
            [1, 1, 3], Enumerable.Range(0, 3)
                .Select(label => Enumerable.Range(0, validation.Count).Count(i => validation.Label(i) == label)));
        Assert.Contains(validation.Notes, note => note.StartsWith(why) && note.Contains("5 of 42") && note.Contains("seed 1"));
        Assert.Equal(validation.Notes, training.Notes);
        Assert.NotEqual(training.Fingerprint, validation.Fingerprint);

        using IImageSource again = Open(path, 1, false), other = Open(path, 2, false), alone = Open(
            path, 1, false, train: false, split: prefix.Length > 0 ? "train" : "val");
        Assert.Equal(validation.Fingerprint, again.Fingerprint);
        Assert.NotEqual(Ids(validation), Ids(other));
        Assert.Equal(42, alone.Count); // weights that are not trained here may be evaluated on all
    }

    [Fact]
    public void Data_with_a_validation_split_are_taken_as_they_are()
    {
        using var data = new TestImages();
        foreach (string name in new[] { "train/a/0", "train/a/1", "train/b/0", "dev/a/2" }) data.Write($"in/{name}.png", TestImages.Png(1));
        string path = Path.Combine(data.Root, "in");
        using IImageSource training = Open(path, 1, true), validation = Open(path, 1, false);
        Assert.Equal((3, 1), (training.Count, validation.Count));
    }

    [Fact]
    public void The_same_split_named_twice_is_divided_and_of_images_linked_to_each_other_both_go_to_one_side()
    {
        using var data = new TestImages();
        for (int i = 0; i < 10; i++) data.Write($"in/train/a/{i}.png", TestImages.Png(i));
        for (int i = 0; i < 10; i++) File.CreateSymbolicLink(Path.Combine(data.Root, $"in/train/a/link{i}.png"), $"{i}.png");
        for (int i = 0; i < 4; i++) data.Write($"in/val/a/{i}.png", TestImages.Png(i));
        string path = Path.Combine(data.Root, "in");
        using IImageSource training = Open(path, 3, true, split: "train"), validation = Open(path, 3, false, split: "train");
        Assert.Equal((18, 2), (training.Count, validation.Count));
        string held = Path.GetFileNameWithoutExtension(Ids(validation)[0]);
        Assert.Equal([$"train/a/{held}.png", $"train/a/link{held}.png"], Ids(validation));
        Assert.Contains(validation.Notes, note => note.StartsWith("Training and validation name the same split"));
    }

    [Fact]
    public void Classes_of_one_image_cannot_be_divided()
    {
        using var data = new TestImages();
        data.Write("in/a/0.png", TestImages.Png(1));
        data.Write("in/b/0.png", TestImages.Png(1));
        Assert.Contains(
            "at least two images a class", Assert.Throws<FoveaException>(() => Open(Path.Combine(data.Root, "in"), 1, true)).Message);
    }

    [Fact]
    public void Generated_images_of_one_split_are_not_both()
    {
        var error = Assert.Throws<FoveaException>(() => Open("shapesworld", 1, true, split: "train"));
        Assert.Contains("Name two splits", error.Message);
    }

    private static IImageSource Open(string path, ulong seed, bool training, bool train = true, string split = "val") => RunSources.Open(
        new WorkflowSettings
        {
            Name = "x",
            Seed = seed,
            Data = new DataSettings { Source = path, ValidationSplit = split },
            Model = new ModelSettings { Architecture = "small_cnn" },
            Train = train ? new TrainSettings() : null,
        },
        training, "/");

    private static string[] Ids(IImageSource source) => [.. Enumerable.Range(0, source.Count).Select(source.Id)];
}
