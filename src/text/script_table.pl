# Prints src/text/script_table.h from the Unicode data that comes with perl:  perl script_table.pl > script_table.h
use strict;
use warnings;
use Unicode::UCD qw(prop_invmap);

my ($starts, $names) = prop_invmap("Script");
my (%number, @rows);
$number{$_} = keys %number for qw(Common Inherited);
my ($begin, $last, $number) = (0, -1, 0);
sub finish_range { push @rows, sprintf("{0x%X,0x%X,%d}", $begin, $last, $number) if $number != 0; }
for my $i (0 .. $#$starts) {
    my $name = $names->[$i];
    $name = "Common" if $name eq "Unknown" || $name eq "Zzzz";
    $name = "Han" if $name eq "Hiragana" || $name eq "Katakana";
    my $start = $starts->[$i];
    my $end = $i < $#$starts ? $starts->[$i + 1] - 1 : 0x10FFFF;
    $number{$name} = keys %number unless exists $number{$name};
    if ($number{$name} != $number) {
        finish_range();
        ($begin, $number) = ($start, $number{$name});
    }
    $last = $end;
}
finish_range();
print "/* Ranges of code points by script, Unicode ", Unicode::UCD::UnicodeVersion(), "; made by script_table.pl.\n",
      " * Absent ones are Common (0); 1 is Inherited. Hiragana and Katakana count as Han, as pieces may mix them. */\n";
my $line = "";
for my $row (@rows) {
    if (length($line) + length($row) > 116) {
        print "$line\n";
        $line = "";
    }
    $line .= ($line eq "" ? "" : " ") . "$row,";
}
print "$line\n";
