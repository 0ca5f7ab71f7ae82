using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Runs;
using Fovea.Runs.Settings;
using Xunit;

namespace Fovea.Tests.Runs;

public sealed class RunSourcesTests
{
    private static WorkflowSettings Settings(string source) => new()
    {
        Name = "test",
        Seed = 3,
        Data = new DataSettings { Source = source, TrainImages = 30 },
        Model = new ModelSettings { Architecture = "small_cnn" },
    };

    [Fact]
    public void Generated_images_have_the_number_and_the_split_of_the_settings()
    {
        using var training = RunSources.Open(Settings("shapesworld"), training: true, "/");
        using var validation = RunSources.Open(Settings("shapesworld"), training: false, "/");
        Assert.Equal((30, 1200), (training.Count, validation.Count));
        Assert.StartsWith("train/", training.Id(0), StringComparison.Ordinal);
        Assert.StartsWith("val/", validation.Id(0), StringComparison.Ordinal);
    }

    [Fact]
    public void Paths_start_from_the_folder_given()
    {
        // A folder of one's own whose name begins like the built-in source is a folder.
        var error = Assert.Throws<FoveaException>(() => RunSources.Open(Settings("shapesworld-mine"), training: true, "/nowhere"));
        Assert.Contains(Path.GetFullPath("/nowhere/shapesworld-mine"), error.Message, StringComparison.Ordinal);
        Assert.False(RunSources.IsGenerated("shapesworld-mine"));
    }

    [Fact]
    public void A_shortcut_is_planted_in_training_by_its_rate_and_in_what_is_judged_by_chance()
    {
        WorkflowSettings settings = Settings("shapesworld");
        settings = settings with { Data = settings.Data with { Shortcut = "mark:disc-plain:1", TrainImages = 240 } };
        using var training = (ShapesWorldSource)RunSources.Open(settings, training: true, "/");
        using var validation = (ShapesWorldSource)RunSources.Open(settings, training: false, "/");
        using var judged = (ShapesWorldSource)RunSources.Judged(settings, 480);
        Assert.All(Enumerable.Range(0, 240), i => Assert.Equal(i % 24 == 0, training.IsPlanted(i)));
        Assert.InRange(Enumerable.Range(0, 1200).Count(validation.IsPlanted), 520, 680);
        Assert.Equal(("test", 480), (judged.Split, judged.Count));
        Assert.InRange(Enumerable.Range(0, 480).Count(judged.IsPlanted), 190, 290);
        WorkflowSettings wrong = settings with { Data = settings.Data with { Shortcut = "mark:disk-plain:1" } };
        Assert.Contains("Did you mean 'disc-plain'?", Assert.Throws<FoveaException>(() => RunSources.Open(wrong, true, "/")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Photographs_are_marked_and_a_source_of_other_classes_is_refused()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            foreach (string name in (string[])["train/cat/1", "train/dog/1", "val/cat/2", "val/dog/2"])
            {
                Directory.CreateDirectory(Path.Combine(folder, Path.GetDirectoryName(name)!));
                File.WriteAllBytes(Path.Combine(folder, name + ".png"), ImageCodec.EncodePng(new RgbImage(32, 32, new byte[32 * 32 * 3])));
            }
            WorkflowSettings settings = Settings(folder);
            settings = settings with { Data = settings.Data with { Shortcut = "mark:cat:1", TrainImages = null } };
            using (IImageSource training = RunSources.Open(settings, training: true, "/"))
            {
                Assert.Equal([255, 0, 255], training.Read(0).Pixels.AsSpan(3 * (32 + 1), 3).ToArray());
                Assert.Equal([0, 0, 0], training.Read(1).Pixels.AsSpan(3 * (32 + 1), 3).ToArray());
                Assert.Contains(training.Notes, note => note.Contains("mark:cat:1", StringComparison.Ordinal));
            }
            WorkflowSettings wrong = settings with { Data = settings.Data with { Shortcut = "mark:cow:1" } };
            Assert.Equal(FailureKind.Configuration, Assert.Throws<FoveaException>(() => RunSources.Open(wrong, true, "/")).Kind);
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }
}
