using Fovea.Explorer.Contents;
using Xunit;

namespace Fovea.Explorer.Tests;

public sealed class MachinePathsTests
{
    [Theory]
    [InlineData("fovea run recipes/demo.toml --seed 7", "fovea run recipes/demo.toml --seed 7")]
    [InlineData("fovea demo --out '/tmp/my runs/x' --seed 7", "fovea demo --seed 7")]
    [InlineData("/opt/fovea/fovea.dll demo -o /tmp/x --out=/tmp/y", "fovea demo")]
    [InlineData("fovea train --run /tmp/runs/demo/ --set name=it", "fovea train --run demo --set name=it")]
    [InlineData("fovea run /a/b.toml --set 'data.source=/home/some one/pictures.tar'", "fovea run b.toml --set data.source=pictures.tar")]
    [InlineData("fovea run b.toml --set 'features.compare=[\"/a/my cat.jpg\", \"C:\\b\\dog.png\"]'",
        "fovea run b.toml --set 'features.compare=[\"my cat.jpg\", \"dog.png\"]'")]
    [InlineData("fovea run b.toml --set features.compare=/a/cat.jpg,val/000001",
        "fovea run b.toml --set features.compare=cat.jpg,val/000001")]
    [InlineData(@"fovea run 'it'\''s.toml'", @"fovea run 'it'\''s.toml'")]
    public void A_command_names_files_only(string line, string expected) => Assert.Equal(expected, MachinePaths.InCommand(line));

    [Theory]
    [InlineData("epochs = 3                                   # --set train.epochs=3",
        "epochs = 3                                   # --set train.epochs=3")]
    [InlineData("source = \"/data/a b/tiny.tar\" # tiny.toml line 3", "source = \"tiny.tar\"                          # tiny.toml line 3")]
    [InlineData("source = \"/data/a b/tiny.tar\" # --set data.source=/data/a b/tiny.tar",
        "source = \"tiny.tar\"                          # --set data.source=tiny.tar")]
    [InlineData("compare = ['C:\\x\\y.png', \"/a/b.png\", \"val/3\"]", "compare = ['y.png', \"b.png\", \"val/3\"]")]
    [InlineData("description = \"~ 10 images of a/b\" # x", "description = \"~ 10 images of a/b\" # x")]
    public void A_recipe_names_files_only(string line, string expected) => Assert.Equal(expected, MachinePaths.InRecipe(line));
}
